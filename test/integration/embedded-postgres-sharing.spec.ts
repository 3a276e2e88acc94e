import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { describe, expect, it } from '@jest/globals';

import { isAlive } from '../../src/infrastructure/embedded/process-table.js';
import {
  queryValue,
  readAcquired,
  readPostmasterPid,
  readProcessGroup,
  useEmbeddedServers,
} from '../support/fixtures/embedded-servers.js';
import { freePort, waitFor } from '../support/processes.js';

const { newDataDirectory, acquire, startUser } = useEmbeddedServers();

describe('processes that share an embedded PostgreSQL server', () => {
  it('join the running server, and the last to release stops it', async () => {
    const dataDirectory = newDataDirectory();
    const service = startUser(dataDirectory);
    const { ownerUrl, port, joined } = await readAcquired(service);
    expect(joined).toBe(false);

    const command = await acquire(dataDirectory, { port: await freePort() });
    expect(command).toMatchObject({ joined: true, port, ownerUrl });
    const pid = readPostmasterPid(dataDirectory);
    await service.end();
    expect(service.lines).toContain('released');
    expect(await queryValue(command.ownerUrl, "SELECT 'there' AS value")).toBe('there');
    await command.release();
    expect(await isAlive(pid)).toBe(false);
  });

  it('start one server when three of them start at the same moment', async () => {
    const dataDirectory = newDataDirectory();
    const users = [1, 2, 3].map(() => startUser(dataDirectory));
    const facts = await Promise.all(users.map((user) => readAcquired(user)));
    expect(facts.filter(({ joined }) => !joined)).toHaveLength(1);
    expect(new Set(facts.map(({ ownerUrl }) => ownerUrl)).size).toBe(1);
    const pid = readPostmasterPid(dataDirectory);
    await Promise.all(users.map((user) => user.end()));
    expect(await isAlive(pid)).toBe(false);
  });

  it('join and then stop a server whose only user was killed', async () => {
    const dataDirectory = newDataDirectory();
    const killed = startUser(dataDirectory);
    await readAcquired(killed);
    const pid = readPostmasterPid(dataDirectory);
    await killed.end('SIGKILL');
    expect(await isAlive(pid)).toBe(true);

    const next = await acquire(dataDirectory);
    expect(next.joined).toBe(true);
    expect(readPostmasterPid(dataDirectory)).toBe(pid);
    await next.release();
    expect(await isAlive(pid)).toBe(false);
  });

  it('stop the server on release after another user was killed', async () => {
    const dataDirectory = newDataDirectory();
    const kept = await acquire(dataDirectory);
    const killed = startUser(dataDirectory);
    await readAcquired(killed);
    const pid = readPostmasterPid(dataDirectory);
    await killed.end('SIGKILL');
    await kept.release();
    expect(await isAlive(pid)).toBe(false);
  });

  it('do not count a process that has the recycled id of a dead user', async () => {
    const dataDirectory = newDataDirectory();
    const postgres = await acquire(dataDirectory);
    // A living process, registered with another start time.
    writeFileSync(join(`${dataDirectory}.users`, `${process.ppid}-1-0123456789ab-${postgres.port}`), '');
    const pid = readPostmasterPid(dataDirectory);
    await postgres.release();
    expect(await isAlive(pid)).toBe(false);
  });

  it('take over the lock of a process that was killed', async () => {
    const dataDirectory = newDataDirectory();
    const dead = startUser(newDataDirectory());
    await dead.end('SIGKILL');
    mkdirSync(`${dataDirectory}.lock`, { recursive: true });
    writeFileSync(join(`${dataDirectory}.lock`, `${dead.pid}-12345-0123456789ab-`), '');
    const postgres = await acquire(dataDirectory, { startTimeoutMs: 10_000 });
    expect(postgres.joined).toBe(false);
  });

  it('drain after Ctrl-C, which a terminal sends to the whole process group', async () => {
    const dataDirectory = newDataDirectory();
    const service = startUser(dataDirectory, { detached: true });
    await readAcquired(service);
    expect(readProcessGroup(service.pid)).toBe(service.pid);
    expect(readProcessGroup(readPostmasterPid(dataDirectory))).not.toBe(service.pid);
    process.kill(-service.pid, 'SIGINT');
    expect(await service.exited).toEqual({ code: 0, signal: null });
    expect(service.lines).toEqual(expect.arrayContaining(['drained', 'released']));
  });
});

describe('an embedded PostgreSQL server after a crash', () => {
  it('recovers the data when server and user were killed', async () => {
    const dataDirectory = newDataDirectory();
    const killed = startUser(dataDirectory);
    const { ownerUrl } = await readAcquired(killed);
    await queryValue(ownerUrl, "CREATE TABLE kept AS SELECT 'x' AS value");
    const pid = readPostmasterPid(dataDirectory);
    await killed.end('SIGKILL');
    process.kill(pid, 'SIGKILL');

    const next = await acquire(dataDirectory);
    expect(next.joined).toBe(false);
    expect(await queryValue(next.ownerUrl, 'SELECT value FROM kept')).toBe('x');
  });

  it('starts although another process has the id in a stale pid file', async () => {
    const dataDirectory = newDataDirectory();
    const first = await acquire(dataDirectory);
    const pidFile = readFileSync(join(dataDirectory, 'postmaster.pid'), 'utf8');
    await first.release();
    writeFileSync(join(dataDirectory, 'postmaster.pid'), pidFile.replace(/^\d+/, String(process.pid)));
    const second = await acquire(dataDirectory);
    expect(second.joined).toBe(false);
    expect(await queryValue(second.ownerUrl, "SELECT 'there' AS value")).toBe('there');
  });

  it('restarts on the same port while it is in use', async () => {
    const dataDirectory = newDataDirectory();
    const progress: string[] = [];
    const onProgress = (line: string): void => void progress.push(line);
    const first = await acquire(dataDirectory, { onProgress });
    const second = await acquire(dataDirectory, { onProgress });
    await queryValue(first.ownerUrl, "CREATE TABLE kept AS SELECT 'x' AS value");
    for (const _round of [1, 2]) {
      const pid = readPostmasterPid(dataDirectory);
      process.kill(pid, 'SIGKILL');
      const isRestarted = async (): Promise<boolean> =>
        (await queryValue(second.ownerUrl, 'SELECT value FROM kept')) === 'x';
      await waitFor(isRestarted, 10_000, { what: 'the server is restarted' });
      expect(readPostmasterPid(dataDirectory)).not.toBe(pid);
    }
    await first.release();
    expect(await queryValue(second.ownerUrl, 'SELECT value FROM kept')).toBe('x');
    await second.release();
    expect(() => statSync(join(dataDirectory, 'postmaster.pid'))).toThrow();
    expect(progress.join('\n')).toContain('ended unexpectedly');
  });

  it('keeps the port of its users when a new user restarts it', async () => {
    const dataDirectory = newDataDirectory();
    const user = await acquire(dataDirectory);
    process.kill(readPostmasterPid(dataDirectory), 'SIGKILL');
    const newUser = await acquire(dataDirectory, { port: await freePort() });
    expect(newUser.ownerUrl).toBe(user.ownerUrl);
    expect(await queryValue(user.ownerUrl, "SELECT 'there' AS value")).toBe('there');
  });

  it('initialises anew when a process was killed during initdb', async () => {
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

    const postgres = await acquire(dataDirectory);
    expect(await queryValue(postgres.ownerUrl, "SELECT 'there' AS value")).toBe('there');
    await postgres.release();
    expect(readdirSync(parent).sort()).toEqual(['postgres', 'postgres.log']);
  });
});
