import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { MavenJars } from './maven-jars.js';

const DIRECTORY = fileURLToPath(new URL('../../docs/events/examples/java/', import.meta.url));
/** Two cores start several of them at once. */
const SMALL_JVM = ['-Xmx128m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];

/** The libraries of the example subscriber in Java. */
export const JAVA_EXAMPLE = new MavenJars('java-example', join(DIRECTORY, 'pom.xml'));

/** Returns the command that runs the example. @throws while its libraries are not installed */
export function javaExampleCommand(): string[] {
  const jars = JAVA_EXAMPLE.directory();
  if (jars === null) throw new Error('The jars are missing: node tools/install-test-services.mjs');
  return ['java', ...SMALL_JVM, '-cp', join(jars, '*'), join(DIRECTORY, 'SessionSubscriber.java')];
}
