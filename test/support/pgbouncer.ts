import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { Client } from 'pg';

import { chooseOsUser } from '../../src/infrastructure/embedded/os-user.js';
import { writeFor } from './postgres/data-directory.js';
import { freePort, startGuarded, temporaryDirectory, waitFor } from './processes.js';

// Debian puts it where the PATH of a user does not lead.
const DEBIAN_PROGRAM = '/usr/sbin/pgbouncer';
const INSTALL_HINT =
  'Install it (Debian/Ubuntu: apt-get install pgbouncer; macOS: brew install pgbouncer; or ' +
  '"node tools/install-test-services.mjs").';

export interface PgBouncer {
  readonly pid: number;
  /** Returns the URL by which a client comes through the pooler. */
  through(url: string): string;
  output(): string;
  stop(): Promise<void>;
}

/**
 * Starts PgBouncer in transaction mode before a PostgreSQL server; all else is as PgBouncer itself chooses.
 *
 * @param urls URLs of the server, one for each user that may log in
 * @param settings further lines of its section `[pgbouncer]`
 * @param listenPort default: a free one
 */
export async function startPgBouncer(
  urls: readonly string[],
  settings: Readonly<Record<string, string>> = {},
  listenPort?: number,
): Promise<PgBouncer> {
  const directory = temporaryDirectory('pgbouncer');
  const runAs = await chooseOsUser(directory);
  const port = listenPort ?? (await freePort());
  const [users, file] = [join(directory, 'users.txt'), join(directory, 'pgbouncer.ini')];
  const { hostname, port: serverPort } = new URL(urls[0]!);
  const logins = urls.map((url) => new URL(url));
  writeFor(
    { runAs },
    users,
    logins.map(({ username, password }) => `"${username}" "${password}"\n`).join(''),
  );
  const lines = Object.entries({
    listen_addr: '127.0.0.1',
    listen_port: String(port),
    unix_socket_dir: '',
    auth_type: 'scram-sha-256',
    auth_file: users,
    pool_mode: 'transaction',
    ...settings,
  }).map(([name, value]) => `${name} = ${value}`);
  writeFor(
    { runAs },
    file,
    ['[databases]', `* = host=${hostname} port=${serverPort}`, '[pgbouncer]', ...lines, ''].join('\n'),
  );
  const pooler = await startGuarded({
    command: existsSync(DEBIAN_PROGRAM) ? DEBIAN_PROGRAM : 'pgbouncer',
    args: [file],
    directory,
    stopSignal: 'SIGTERM',
    installHint: INSTALL_HINT,
    ...runAs,
  });
  const through = (url: string): string => {
    const changed = new URL(url);
    changed.hostname = '127.0.0.1';
    changed.port = String(port);
    return changed.href;
  };
  let ended = false;
  void pooler.exited.then(() => (ended = true));
  try {
    await waitFor(async () => ended || canConnect(through(urls[0]!)), 20_000, { what: 'PgBouncer serves' });
    if (ended) throw new Error('it ended');
  } catch (cause) {
    const output = pooler.output();
    await pooler.stop();
    throw new Error(`PgBouncer does not serve on port ${port}; it wrote:\n${output}`, { cause });
  }
  return { pid: pooler.pid, through, output: () => pooler.output(), stop: () => pooler.stop() };
}

async function canConnect(url: string): Promise<boolean> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return true;
  } finally {
    await client.end().catch(() => undefined);
  }
}
