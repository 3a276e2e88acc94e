import {
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:net';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';

import {
  acquireEmbeddedPostgres,
  EmbeddedPostgresError,
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
} from '../../src/infrastructure/embedded/embedded-postgres.js';
import { isAlive } from '../../src/infrastructure/embedded/processes.js';
import {
  freePort,
  spawnTypeScript,
  startGuarded,
  temporaryDirectory,
  waitFor,
  type GuardedProcess,
  type SpawnedProcess,
} from '../support/processes.js';

const USER = new URL('../support/fixtures/embedded-user.ts', import.meta.url);
const REAPER = fileURLToPath(new URL('../support/fixtures/embedded-reaper.mjs', import.meta.url));
const isRoot = process.getuid?.() === 0;
/** Disables fsync for speed; the files after a kill are the same, since the machine stays up. */
const FAST = { fsync: 'off' };
const whenRoot = isRoot ? it : it.skip;

let root: string;
let reaper: GuardedProcess;
let made = 0;
const held: EmbeddedPostgres[] = [];
const users: SpawnedProcess[] = [];

beforeAll(async () => {
  root = temporaryDirectory('embedded');
  reaper = await startGuarded({ command: process.execPath, args: [REAPER, root], directory: root });
});

afterEach(async () => {
  await Promise.all(users.splice(0).map((user) => user.end('SIGKILL')));
  await Promise.all(held.splice(0).map((handle) => handle.release()));
});

afterAll(() => reaper.stop());

/** Returns a data directory that does not exist yet, nor does its parent. */
function newDataDirectory(): string {
  made += 1;
  return join(root, `data-${made}`, 'postgres');
}

async function acquire(
  dataDirectory: string,
  options: Partial<EmbeddedPostgresOptions> = {},
): Promise<EmbeddedPostgres> {
  const handle = await acquireEmbeddedPostgres({ dataDirectory, port: 0, settings: FAST, ...options });
  held.push(handle);
  return handle;
}

function startUser(dataDirectory: string, port = 0, detached = false): SpawnedProcess {
  const user = spawnTypeScript(USER, [JSON.stringify({ dataDirectory, port, settings: FAST })], { detached });
  users.push(user);
  return user;
}

async function acquired(user: SpawnedProcess): Promise<{ ownerUrl: string; port: number; joined: boolean }> {
  const [, facts = '{}'] = await user.line(/^acquired (.*)$/);
  return JSON.parse(facts) as { ownerUrl: string; port: number; joined: boolean };
}

async function query(url: string, text: string): Promise<string> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  client.on('error', () => undefined);
  await client.connect();
  try {
    const { rows } = await client.query<{ value: string | number }>(text);
    return String(rows[0]?.value ?? '');
  } finally {
    await client.end();
  }
}

function postmasterPid(dataDirectory: string): number {
  return Number(readFileSync(join(dataDirectory, 'postmaster.pid'), 'utf8').split('\n')[0]);
}

async function failure(attempt: Promise<unknown>): Promise<EmbeddedPostgresError> {
  try {
    await attempt;
  } catch (error) {
    if (error instanceof EmbeddedPostgresError) return error;
    throw error;
  }
  throw new Error('it should have failed');
}

describe('the embedded PostgreSQL', () => {
  it('starts on a new directory, keeps the data and stops when it is released', async () => {
    const dataDirectory = newDataDirectory();
    const progress: string[] = [];
    const first = await acquire(dataDirectory, {
      settings: {},
      onProgress: (line) => progress.push(line),
    });
    expect(first.joined).toBe(false);
    expect(new URL(first.ownerUrl)).toMatchObject({
      hostname: '127.0.0.1',
      port: String(first.port),
      pathname: '/analytics',
    });
    expect(progress[0]).toContain(dataDirectory);
    await query(first.ownerUrl, "CREATE TABLE kept AS SELECT 'x' AS value");
    const pid = postmasterPid(dataDirectory);
    await first.release();
    await first.release();
    expect(await isAlive(pid)).toBe(false);

    const second = await acquire(dataDirectory);
    expect(second.joined).toBe(false);
    expect(await query(second.ownerUrl, 'SELECT value FROM kept')).toBe('x');
    await second.release();
    expect(readdirSync(dirname(dataDirectory)).sort()).toEqual(['postgres', 'postgres.log']);
  });

  it('is durable, sorts by code point, uses UTC and admits local clients with the password only', async () => {
    const dataDirectory = newDataDirectory();
    const { ownerUrl } = await acquire(dataDirectory, { settings: {} });
    expect(await query(ownerUrl, "SELECT current_setting('fsync') AS value")).toBe('on');
    expect(await query(ownerUrl, "SELECT current_setting('synchronous_commit') AS value")).toBe('on');
    expect(await query(ownerUrl, "SELECT current_setting('server_encoding') AS value")).toBe('UTF8');
    expect(await query(ownerUrl, "SELECT current_setting('TimeZone') AS value")).toBe('UTC');
    expect(await query(ownerUrl, "SELECT current_setting('listen_addresses') AS value")).toBe('127.0.0.1');
    expect(await query(ownerUrl, "SELECT current_setting('unix_socket_directories') AS value")).toBe('');
    const sorted =
      "SELECT string_agg(t, ' ' ORDER BY t) AS value FROM unnest(ARRAY['b', 'ä', 'Z', '省', 'a']) t";
    expect(await query(ownerUrl, sorted)).toBe('Z a b ä 省');
    expect(await query(ownerUrl, "SELECT upper('äé') AS value")).toBe('ÄÉ');
    const wrong = new URL(ownerUrl);
    wrong.password = 'wrong';
    await expect(query(wrong.href, 'SELECT 1 AS value')).rejects.toMatchObject({ code: '28P01' });
    expect(statSync(join(dataDirectory, 'owner-password')).mode & 0o777).toBe(0o600);
    expect(statSync(dataDirectory).mode & 0o777).toBe(0o700);
  });

  whenRoot('runs as an ordinary user when this process is root', async () => {
    const dataDirectory = newDataDirectory();
    await acquire(dataDirectory);
    const pid = postmasterPid(dataDirectory);
    expect(statSync(dataDirectory).uid).not.toBe(0);
    expect(statSync(`/proc/${pid}`).uid).toBe(statSync(dataDirectory).uid);
  });

  whenRoot('keeps the data elsewhere when its user cannot reach the directory', async () => {
    const dataDirectory = newDataDirectory();
    mkdirSync(dirname(dataDirectory), { mode: 0o700 });
    const first = await acquire(dataDirectory);
    const home = dirname(readlinkSync(dataDirectory));
    try {
      await query(first.ownerUrl, "CREATE TABLE kept AS SELECT 'x' AS value");
      await first.release();
      const second = await acquire(dataDirectory);
      expect(await query(second.ownerUrl, 'SELECT value FROM kept')).toBe('x');
      await second.release();
    } finally {
      rmSync(home, { recursive: true });
      if (readdirSync(dirname(home)).length === 0) rmdirSync(dirname(home));
    }
  });

  it('applies its settings', async () => {
    const { ownerUrl } = await acquire(newDataDirectory(), {
      settings: { fsync: 'off', max_connections: '17' },
    });
    expect(await query(ownerUrl, "SELECT current_setting('fsync') AS value")).toBe('off');
    expect(await query(ownerUrl, "SELECT current_setting('max_connections') AS value")).toBe('17');
  });
});

describe('several processes that use one directory', () => {
  it('share the server, which stops when the last one releases it', async () => {
    const dataDirectory = newDataDirectory();
    const service = startUser(dataDirectory);
    const { ownerUrl, port, joined } = await acquired(service);
    expect(joined).toBe(false);

    const tool = await acquire(dataDirectory, { port: await freePort() });
    expect(tool).toMatchObject({ joined: true, port, ownerUrl });
    const pid = postmasterPid(dataDirectory);
    await service.end();
    expect(service.lines).toContain('released');
    expect(await query(tool.ownerUrl, "SELECT 'there' AS value")).toBe('there');
    await tool.release();
    expect(await isAlive(pid)).toBe(false);
  });

  it('start one server between them when they begin at the same moment', async () => {
    const dataDirectory = newDataDirectory();
    const facts = await Promise.all([1, 2, 3].map(() => acquired(startUser(dataDirectory))));
    expect(facts.filter(({ joined }) => !joined)).toHaveLength(1);
    expect(new Set(facts.map(({ ownerUrl }) => ownerUrl)).size).toBe(1);
    const pid = postmasterPid(dataDirectory);
    await Promise.all(users.map((user) => user.end()));
    expect(await isAlive(pid)).toBe(false);
  });

  it('stop counting when they are killed', async () => {
    const dataDirectory = newDataDirectory();
    const killed = startUser(dataDirectory);
    await acquired(killed);
    const pid = postmasterPid(dataDirectory);
    await killed.end('SIGKILL');
    expect(await isAlive(pid)).toBe(true);

    const next = await acquire(dataDirectory);
    expect(next.joined).toBe(true);
    expect(postmasterPid(dataDirectory)).toBe(pid);
    await next.release();
    expect(await isAlive(pid)).toBe(false);
  });

  it('stop counting when they are killed while others hold the server', async () => {
    const dataDirectory = newDataDirectory();
    const kept = await acquire(dataDirectory);
    const killed = startUser(dataDirectory);
    await acquired(killed);
    const pid = postmasterPid(dataDirectory);
    await killed.end('SIGKILL');
    await kept.release();
    expect(await isAlive(pid)).toBe(false);
  });

  it('are distinguished from a process that reuses the id of a dead one', async () => {
    const dataDirectory = newDataDirectory();
    const handle = await acquire(dataDirectory);
    // The file records a living process with another start time.
    writeFileSync(join(`${dataDirectory}.users`, `${process.ppid}-1`), `another\n${handle.port}`);
    const pid = postmasterPid(dataDirectory);
    await handle.release();
    expect(await isAlive(pid)).toBe(false);
  });

  it('start despite the lock of a killed process', async () => {
    const dataDirectory = newDataDirectory();
    const dead = startUser(newDataDirectory());
    await dead.end('SIGKILL');
    mkdirSync(`${dataDirectory}.lock`, { recursive: true });
    writeFileSync(join(`${dataDirectory}.lock`, `${dead.pid}-0123456789abcdef`), '12345');
    const handle = await acquire(dataDirectory, { startTimeoutMs: 10_000 });
    expect(handle.joined).toBe(false);
  });

  it('can drain after a Ctrl-C to the whole process group', async () => {
    const service = startUser(newDataDirectory(), 0, true);
    await acquired(service);
    process.kill(-service.pid, 'SIGINT');
    expect(await service.exited).toEqual({ code: 0, signal: null });
    expect(service.lines).toEqual(expect.arrayContaining(['drained', 'released']));
  });
});

describe('an embedded PostgreSQL after a failure', () => {
  it('starts again from the files of a killed server and a killed process', async () => {
    const dataDirectory = newDataDirectory();
    const killed = startUser(dataDirectory);
    const { ownerUrl } = await acquired(killed);
    await query(ownerUrl, "CREATE TABLE kept AS SELECT 'x' AS value");
    const pid = postmasterPid(dataDirectory);
    await killed.end('SIGKILL');
    process.kill(pid, 'SIGKILL');

    const next = await acquire(dataDirectory);
    expect(next.joined).toBe(false);
    expect(await query(next.ownerUrl, 'SELECT value FROM kept')).toBe('x');
  });

  it('starts despite a pid file whose id another process reuses', async () => {
    const dataDirectory = newDataDirectory();
    const first = await acquire(dataDirectory);
    const pidFile = readFileSync(join(dataDirectory, 'postmaster.pid'), 'utf8');
    await first.release();
    writeFileSync(join(dataDirectory, 'postmaster.pid'), pidFile.replace(/^\d+/, String(process.pid)));
    const second = await acquire(dataDirectory);
    expect(second.joined).toBe(false);
    expect(await query(second.ownerUrl, "SELECT 'there' AS value")).toBe('there');
  });

  it('restarts a server that dies on the same port while it is held', async () => {
    const dataDirectory = newDataDirectory();
    const progress: string[] = [];
    const onProgress = (line: string): void => void progress.push(line);
    const handle = await acquire(dataDirectory, { onProgress });
    const other = await acquire(dataDirectory, { onProgress });
    await query(handle.ownerUrl, "CREATE TABLE kept AS SELECT 'x' AS value");
    for (const _round of [1, 2]) {
      const pid = postmasterPid(dataDirectory);
      process.kill(pid, 'SIGKILL');
      await waitFor(async () => (await query(other.ownerUrl, 'SELECT value FROM kept')) === 'x', 10_000);
      expect(postmasterPid(dataDirectory)).not.toBe(pid);
    }
    await handle.release();
    expect(await query(other.ownerUrl, 'SELECT value FROM kept')).toBe('x');
    await other.release();
    expect(() => statSync(join(dataDirectory, 'postmaster.pid'))).toThrow();
    expect(progress.join('\n')).toContain('ended unexpectedly');
  });

  it('keeps the port of the holders when a new process finds the server dead', async () => {
    const dataDirectory = newDataDirectory();
    const holder = await acquire(dataDirectory);
    process.kill(postmasterPid(dataDirectory), 'SIGKILL');
    const newcomer = await acquire(dataDirectory, { port: await freePort() });
    expect(newcomer.ownerUrl).toBe(holder.ownerUrl);
    expect(await query(holder.ownerUrl, "SELECT 'there' AS value")).toBe('there');
  });

  it('completes an initialisation that was killed midway', async () => {
    const dataDirectory = newDataDirectory();
    const parent = dirname(dataDirectory);
    const killed = startUser(dataDirectory);
    const unfinished = await waitFor(() =>
      readdirSync(parent).find(
        (name) => /\.init-[0-9a-f]+$/.test(name) && readdirSync(join(parent, name)).includes('base'),
      ),
    );
    await killed.end('SIGKILL');
    expect(readdirSync(parent)).not.toContain('postgres');
    expect(readdirSync(join(parent, unfinished))).toContain('base');

    const handle = await acquire(dataDirectory);
    expect(await query(handle.ownerUrl, "SELECT 'there' AS value")).toBe('there');
    await handle.release();
    expect(readdirSync(parent).sort()).toEqual(['postgres', 'postgres.log']);
  });
});

describe('a failed start', () => {
  let stranger: Server;
  let port: number;

  beforeAll(async () => {
    stranger = createServer();
    port = await freePort();
    await new Promise<void>((resolve) => stranger.listen(port, '127.0.0.1', resolve));
  });

  afterAll(() => new Promise((resolve) => stranger.close(resolve)));

  it('names the port that is in use and the setting to change', async () => {
    const error = await failure(acquire(newDataDirectory(), { port }));
    expect(error.code).toBe('port-in-use');
    expect(error.message).toContain(String(port));
    expect(error.message).toContain('another program');
    expect(error.message).toContain('EMBEDDED_POSTGRES_PORT');
    expect(error.message).toContain('DATABASE_URL');
  });

  it('leaves a directory with other files unchanged', async () => {
    const dataDirectory = newDataDirectory();
    mkdirSync(dataDirectory, { recursive: true });
    writeFileSync(join(dataDirectory, 'thesis.txt'), 'precious');
    const error = await failure(acquire(dataDirectory));
    expect(error.code).toBe('unusable-data');
    expect(error.message).toContain(dataDirectory);
    expect(readdirSync(dataDirectory)).toEqual(['thesis.txt']);
  });

  it('reports the output of the server', async () => {
    const error = await failure(acquire(newDataDirectory(), { settings: { max_connections: 'many' } }));
    expect(error.code).toBe('start-failed');
    expect(error.message).toContain('max_connections');
  });

  it('leaves neither a server nor a lock', async () => {
    const dataDirectory = newDataDirectory();
    await failure(acquire(dataDirectory, { port }));
    expect(readdirSync(dirname(dataDirectory)).filter((name) => !name.endsWith('.log'))).toEqual([
      'postgres',
    ]);
    const handle = await acquire(dataDirectory);
    expect(handle.joined).toBe(false);
  });
});
