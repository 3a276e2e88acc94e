import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runSuccessfully } from '../support/processes.js';

const SCRIPT_TIMEOUT_MS = 10_000;
const IN_CONTAINERS = '/run/secrets/';
const DATABASE_URLS = ['database-url', 'database-migration-url'];

/** The files that deploy/compose/create-secrets.sh writes, in a directory that every user can enter. */
export class ComposeSecrets {
  private constructor(private readonly directory: string) {}

  static async create(root: string, directory: string): Promise<ComposeSecrets> {
    mkdirSync(directory);
    const script = join(root, 'deploy/compose/create-secrets.sh');
    await runSuccessfully('sh', [script, directory], { timeoutMs: SCRIPT_TIMEOUT_MS });
    // A container sees its own files; here its user passes the directory.
    chmodSync(directory, 0o711);
    return new ComposeSecrets(directory);
  }

  path(name: string): string {
    return join(this.directory, name);
  }

  read(name: string): string {
    return readFileSync(this.path(name), 'utf8').trim();
  }

  /** Replaces the paths that containers see by those of this machine. */
  relocate(text: string): string {
    return text.replaceAll(IN_CONTAINERS, this.path('/'));
  }

  /** @param host address of the PostgreSQL that takes the place of the container */
  setDatabaseHost(host: string): void {
    for (const name of DATABASE_URLS)
      writeFileSync(this.path(name), `${this.read(name).replace('@postgres:5432/', `@${host}/`)}\n`);
  }
}
