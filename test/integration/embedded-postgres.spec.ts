import { mkdirSync, readdirSync, readlinkSync, rmdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { dirname, join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { withDirectoryLock } from '../../src/infrastructure/embedded/directory-lock.js';
import { isAlive } from '../../src/infrastructure/embedded/process-table.js';
import {
  catchFailure,
  queryValue,
  readPostmasterPid,
  useEmbeddedServers,
} from '../support/fixtures/embedded-servers.js';
import { freePort } from '../support/processes.js';

const { newDataDirectory, acquire } = useEmbeddedServers();
const whenRoot = process.getuid?.() === 0 ? it : it.skip;

describe('an embedded PostgreSQL server', () => {
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
    await queryValue(first.ownerUrl, "CREATE TABLE kept AS SELECT 'x' AS value");
    const pid = readPostmasterPid(dataDirectory);
    await first.release();
    await first.release();
    expect(await isAlive(pid)).toBe(false);

    const second = await acquire(dataDirectory);
    expect(second.joined).toBe(false);
    expect(await queryValue(second.ownerUrl, 'SELECT value FROM kept')).toBe('x');
    await second.release();
    expect(readdirSync(dirname(dataDirectory)).sort()).toEqual(['postgres', 'postgres.log']);
  });

  it('is durable, sorts by code point and uses UTC', async () => {
    const { ownerUrl } = await acquire(newDataDirectory(), { settings: {} });
    expect(await queryValue(ownerUrl, "SELECT current_setting('fsync') AS value")).toBe('on');
    expect(await queryValue(ownerUrl, "SELECT current_setting('synchronous_commit') AS value")).toBe('on');
    expect(await queryValue(ownerUrl, "SELECT current_setting('server_encoding') AS value")).toBe('UTF8');
    expect(await queryValue(ownerUrl, "SELECT current_setting('TimeZone') AS value")).toBe('UTC');
    const sorted =
      "SELECT string_agg(t, ' ' ORDER BY t) AS value FROM unnest(ARRAY['b', 'ä', 'Z', '省', 'a']) t";
    expect(await queryValue(ownerUrl, sorted)).toBe('Z a b ä 省');
    expect(await queryValue(ownerUrl, "SELECT upper('äé') AS value")).toBe('ÄÉ');
  });

  it('accepts only local connections, and only with the password', async () => {
    const dataDirectory = newDataDirectory();
    const { ownerUrl } = await acquire(dataDirectory, { settings: {} });
    expect(await queryValue(ownerUrl, "SELECT current_setting('listen_addresses') AS value")).toBe(
      '127.0.0.1',
    );
    expect(await queryValue(ownerUrl, "SELECT current_setting('unix_socket_directories') AS value")).toBe('');
    const wrong = new URL(ownerUrl);
    wrong.password = 'wrong';
    await expect(queryValue(wrong.href, 'SELECT 1 AS value')).rejects.toMatchObject({ code: '28P01' });
    expect(statSync(join(dataDirectory, 'owner-password')).mode & 0o777).toBe(0o600);
    expect(statSync(dataDirectory).mode & 0o777).toBe(0o700);
  });

  whenRoot('runs as an ordinary user when the process is root', async () => {
    const dataDirectory = newDataDirectory();
    await acquire(dataDirectory);
    const pid = readPostmasterPid(dataDirectory);
    expect(statSync(dataDirectory).uid).not.toBe(0);
    expect(statSync(`/proc/${pid}`).uid).toBe(statSync(dataDirectory).uid);
  });

  whenRoot('keeps the data outside a private directory that its user cannot reach', async () => {
    const dataDirectory = newDataDirectory();
    mkdirSync(dirname(dataDirectory), { mode: 0o700 });
    const first = await acquire(dataDirectory);
    const home = dirname(readlinkSync(dataDirectory));
    try {
      await queryValue(first.ownerUrl, "CREATE TABLE kept AS SELECT 'x' AS value");
      await first.release();
      const second = await acquire(dataDirectory);
      expect(await queryValue(second.ownerUrl, 'SELECT value FROM kept')).toBe('x');
      await second.release();
    } finally {
      rmSync(home, { recursive: true });
      if (readdirSync(dirname(home)).length === 0) rmdirSync(dirname(home));
    }
  });

  it('runs with the settings of the caller', async () => {
    const { ownerUrl } = await acquire(newDataDirectory(), {
      settings: { fsync: 'off', max_connections: '17' },
    });
    expect(await queryValue(ownerUrl, "SELECT current_setting('fsync') AS value")).toBe('off');
    expect(await queryValue(ownerUrl, "SELECT current_setting('max_connections') AS value")).toBe('17');
  });
});

describe('an embedded PostgreSQL server that cannot start', () => {
  let occupant: Server;
  let port: number;

  beforeAll(async () => {
    occupant = createServer();
    port = await freePort();
    await new Promise<void>((resolve) => occupant.listen(port, '127.0.0.1', resolve));
  });

  afterAll(() => new Promise((resolve) => occupant.close(resolve)));

  it('names the port that is in use, and the settings to change', async () => {
    const error = await catchFailure(acquire(newDataDirectory(), { port }));
    expect(error.code).toBe('port-in-use');
    expect(error.message).toContain(String(port));
    expect(error.message).toContain('another program');
    expect(error.message).toContain('EMBEDDED_POSTGRES_PORT');
    expect(error.message).toContain('DATABASE_URL');
  });

  it('leaves a directory with other files untouched', async () => {
    const dataDirectory = newDataDirectory();
    mkdirSync(dataDirectory, { recursive: true });
    writeFileSync(join(dataDirectory, 'thesis.txt'), 'precious');
    const error = await catchFailure(acquire(dataDirectory));
    expect(error.code).toBe('unusable-data');
    expect(error.message).toContain(dataDirectory);
    expect(readdirSync(dataDirectory)).toEqual(['thesis.txt']);
  });

  it('refuses data of another major version', async () => {
    const dataDirectory = newDataDirectory();
    await (await acquire(dataDirectory)).release();
    writeFileSync(join(dataDirectory, 'PG_VERSION'), '9\n');
    const error = await catchFailure(acquire(dataDirectory));
    expect(error.code).toBe('unusable-data');
    expect(error.message).toContain('another major version');
  });

  it('names the process that holds the lock of the directory for too long', async () => {
    const dataDirectory = newDataDirectory();
    mkdirSync(dirname(dataDirectory));
    await withDirectoryLock(`${dataDirectory}.lock`, Infinity, async () => {
      const error = await catchFailure(acquire(dataDirectory, { startTimeoutMs: 0 }));
      expect(error.code).toBe('timeout');
      expect(error.message).toContain(`process ${process.pid}`);
    });
  });

  it('reports the message of the server', async () => {
    const error = await catchFailure(acquire(newDataDirectory(), { settings: { max_connections: 'many' } }));
    expect(error.code).toBe('start-failed');
    expect(error.message).toContain('max_connections');
  });

  it('leaves neither a server nor a lock behind', async () => {
    const dataDirectory = newDataDirectory();
    await catchFailure(acquire(dataDirectory, { port }));
    expect(readdirSync(dirname(dataDirectory)).filter((name) => !name.endsWith('.log'))).toEqual([
      'postgres',
    ]);
    const postgres = await acquire(dataDirectory);
    expect(postgres.joined).toBe(false);
  });
});
