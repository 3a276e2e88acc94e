import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { MavenJars } from '../../maven-jars.js';

const POM = fileURLToPath(new URL('pom.xml', import.meta.url));

/** Apache Kafka, which the suites run where Java and Maven are. */
export const APACHE_KAFKA = new MavenJars('apache-kafka', POM);

/** Returns the directory of Apache Kafka's jars, or null while they are not installed. */
export function kafkaJars(): string | null {
  return APACHE_KAFKA.directory();
}

/** Returns the version of Apache Kafka that the POM names. */
export function kafkaVersion(): string {
  const [, version = 'unknown'] =
    /<artifactId>kafka_[\d.]+<\/artifactId>\s*<version>([^<]+)/.exec(readFileSync(POM, 'utf8')) ?? [];
  return version;
}
