import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const CACHE = fileURLToPath(new URL('../../node_modules/.cache/', import.meta.url));
const INSTALL_TIMEOUT_MS = 300_000;
/** Apache Kafka 4 and the example in Java run on this version or later. */
const LOWEST_JAVA = 17;

/** The jars that a POM names, in a cache below `node_modules`. */
export class MavenJars {
  /** @param name directory of the cache, and the name in errors @param pom path of the POM */
  constructor(
    readonly name: string,
    private readonly pom: string,
  ) {}

  /** Returns the directory of the jars, or null while they are not installed. */
  directory(): string | null {
    return existsSync(this.#target()) ? this.#target() : null;
  }

  /**
   * Copies the jars into the cache, unless they are there.
   *
   * @throws Error with the output of Maven when it fails
   */
  install(): void {
    if (this.directory() !== null) return;
    const cache = join(CACHE, this.name);
    mkdirSync(cache, { recursive: true });
    const partial = mkdtempSync(join(cache, 'partial-'));
    const { status, output } = run('mvn', [
      ...['--quiet', '--batch-mode', '--file', this.pom, 'dependency:copy-dependencies'],
      ...['-DincludeScope=runtime', `-DoutputDirectory=${partial}`],
    ]);
    if (status !== 0) {
      rmSync(partial, { recursive: true, force: true });
      throw new Error(`Maven could not fetch ${this.name}:\n${output.slice(-2_000)}`);
    }
    try {
      renameSync(partial, this.#target());
    } catch (error) {
      rmSync(partial, { recursive: true, force: true });
      // Another run has installed the same jars meanwhile.
      if (this.directory() === null) throw error;
    }
  }

  /** Another POM has another directory, so the jars always are those that it names. */
  #target(): string {
    const digest = createHash('sha256').update(readFileSync(this.pom)).digest('hex').slice(0, 12);
    return join(CACHE, this.name, digest);
  }
}

/** True where Java and Maven can fetch jars and run them. */
export function canInstallJars(): boolean {
  return javaVersion() >= LOWEST_JAVA && run('mvn', ['--version']).status === 0;
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
