import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { loadConfiguration } from '../../src/config/configuration.js';
import {
  prepareDatabase,
  type PreparedDatabase,
} from '../../src/infrastructure/embedded/prepare-database.js';
import { startGuarded, temporaryDirectory, type GuardedProcess } from '../support/processes.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const REAPER = fileURLToPath(new URL('../support/fixtures/embedded-reaper.mjs', import.meta.url));
const PRINT_URL =
  "import('./prisma.config.ts').then(({ default: { datasource } }) => console.log(datasource?.url ?? ''))";

let root: string;
let reaper: GuardedProcess;
let database: PreparedDatabase | undefined;

beforeAll(async () => {
  root = temporaryDirectory('prisma-config');
  reaper = await startGuarded({ command: process.execPath, args: [REAPER, root], directory: root });
});

afterAll(async () => {
  await database?.release();
  await reaper.stop();
});

/** Returns the URL that `npx prisma studio` connects to; empty when it has none. */
async function studioUrl(environment: Readonly<Record<string, string>>): Promise<string> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--no-warnings', '--import', './tools/typescript/register-ts.mjs', '--eval', PRINT_URL],
    // An empty DATABASE_URL keeps the one of a developer's `.env` out.
    { cwd: ROOT, env: { PATH: process.env['PATH'], DATABASE_URL: '', ...environment } },
  );
  return stdout.trim();
}

describe('prisma.config.ts', () => {
  it('uses DATABASE_URL when it is set', async () => {
    const url = 'postgresql://service@db.internal/analytics';
    expect(await studioUrl({ DATABASE_URL: url })).toBe(url);
  });

  it('has no URL before the embedded server is first started', async () => {
    expect(await studioUrl({ EMBEDDED_POSTGRES_DIRECTORY: join(root, 'nothing-here') })).toBe('');
  });

  it('finds the running embedded server, with the rights of the service', async () => {
    const directory = join(root, 'data', 'postgres');
    const environment = { EMBEDDED_POSTGRES_DIRECTORY: directory, EMBEDDED_POSTGRES_PORT: '0' };
    database = await prepareDatabase(loadConfiguration(environment), () => undefined);

    const client = new Client({ connectionString: await studioUrl(environment) });
    await client.connect();
    const { rows } = await client.query(
      `SELECT (SELECT count(*)::int FROM analytics_event_log) AS events,
              has_table_privilege('analytics_event_log', 'DELETE') AS may_delete`,
    );
    await client.end();

    expect(rows).toEqual([{ events: 0, may_delete: false }]);
    expect(await studioUrl(environment)).toBe(database.config.database.url);
  });
});
