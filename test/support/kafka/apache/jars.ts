import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const POM = fileURLToPath(new URL('pom.xml', import.meta.url));
const CACHE = fileURLToPath(new URL('../../../../node_modules/.cache/apache-kafka', import.meta.url));
const INSTALL_TIMEOUT_MS = 300_000;
/** Apache Kafka 4 runs its brokers on Java 17 or later. */
const LOWEST_JAVA = 17;

/** Returns the directory of Apache Kafka's jars, or null while they are not installed. */
export function kafkaJars(): string | null {
  return existsSync(directory()) ? directory() : null;
}

/** Returns the version of Apache Kafka that the POM names. */
export function kafkaVersion(): string {
  const [, version = 'unknown'] =
    /<artifactId>kafka_[\d.]+<\/artifactId>\s*<version>([^<]+)/.exec(readFileSync(POM, 'utf8')) ?? [];
  return version;
}

/** True where Java and Maven can provide and run Apache Kafka. */
export function canInstallKafka(): boolean {
  return javaVersion() >= LOWEST_JAVA && run('mvn', ['--version']).status === 0;
}

/**
 * Copies the jars that the POM names into a cache below `node_modules`, unless they are there.
 *
 * @throws Error with the output of Maven when it fails
 */
export function installKafka(): void {
  if (kafkaJars() !== null) return;
  mkdirSync(CACHE, { recursive: true });
  const partial = mkdtempSync(join(CACHE, 'partial-'));
  const { status, output } = run('mvn', [
    ...['--quiet', '--batch-mode', '--file', POM, 'dependency:copy-dependencies'],
    ...['-DincludeScope=runtime', `-DoutputDirectory=${partial}`],
  ]);
  if (status !== 0) {
    rmSync(partial, { recursive: true, force: true });
    throw new Error(`Maven could not fetch Apache Kafka:\n${output.slice(-2_000)}`);
  }
  try {
    renameSync(partial, directory());
  } catch (error) {
    rmSync(partial, { recursive: true, force: true });
    // Another run has installed the same jars meanwhile.
    if (kafkaJars() === null) throw error;
  }
}

/** Another POM has another directory, so the jars always are those that it names. */
function directory(): string {
  return join(CACHE, createHash('sha256').update(readFileSync(POM)).digest('hex').slice(0, 12));
}

function javaVersion(): number {
  return Number(/version "(\d+)/.exec(run('java', ['-version']).output)?.[1] ?? 0);
}

function run(program: string, args: readonly string[]): { status: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync(program, args, {
    encoding: 'utf8',
    timeout: INSTALL_TIMEOUT_MS,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return { status, output: `${stdout ?? ''}${stderr ?? ''}` };
}
