import { execFile } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';

import type { OutboxStatus } from '../../src/application/queries/get-outbox-status/get-outbox-status.query.js';
import { postJson, request, signToken, type Answer } from '../support/http.js';
import { RECOVERY_MS } from '../support/recovery.js';
import {
  freePort,
  startGuarded,
  temporaryDirectory,
  waitFor,
  type GuardedProcess,
} from '../support/processes.js';
import {
  runBuilt,
  startBuilt,
  startService,
  TEST_JWT_SECRET,
  type Program,
  type Service,
  type Settings,
} from '../support/service.js';
import { event, millisecondsToMidnight, shanghaiDay, type WireEvent } from '../support/events.js';
import { isRunning, processesNaming } from './support/process-tree.js';
import { countsOf } from './support/dau-oracle.js';

const REAPER = fileURLToPath(new URL('../support/fixtures/embedded-reaper.mjs', import.meta.url));
const START_BOUND_MS = 30_000;
const MAX_RSS_KB = 200 * 1024;

jest.setTimeout(60_000);

let root: string;
let reaper: GuardedProcess;
let env: Settings;
let service: Service;
const sent: WireEvent[] = [];

beforeAll(async () => {
  // These tests count today's active users, so they do not start in the last minute of a day.
  await waitFor(() => millisecondsToMidnight() > 60_000, 70_000, { what: 'the day has changed in Shanghai' });
  root = temporaryDirectory('embedded');
  // Ends every PostgreSQL below the directory and removes it, also when this process dies.
  reaper = await startGuarded({ command: process.execPath, args: [REAPER, root], directory: root });
  env = {
    NODE_ENV: 'development',
    EMBEDDED_POSTGRES_DIRECTORY: join(root, 'data', 'postgres'),
    EMBEDDED_POSTGRES_PORT: String(await freePort()),
  };
}, 80_000);

afterAll(async () => {
  await service?.stop();
  await reaper?.stop();
});

function postmaster(): number {
  return Number(readFileSync(join(root, 'data', 'postgres', 'postmaster.pid'), 'utf8').split('\n')[0]);
}

async function send(count = 1): Promise<Answer> {
  const events = Array.from({ length: count }, () =>
    event({ properties: { province: '广东省', city: '深圳市' } }),
  );
  const answer = await postJson(`${service.url}/analytics/events`, { events });
  if (answer.status === 200) sent.push(...events);
  return answer;
}

/** Sends all accepted events again and expects that each is a duplicate. */
async function expectAllStored(): Promise<void> {
  const { status, body } = await postJson(`${service.url}/analytics/events`, { events: sent });
  expect({ status, body }).toEqual({
    status: 200,
    body: { accepted: 0, duplicates: sent.length, failed: 0 },
  });
}

function dau(path: string): Promise<Answer> {
  return request(`${service.url}/analytics/dau${path}`, { token: signToken({ userId: '1' }) });
}

async function bash(script: string): Promise<unknown> {
  const { stdout } = await promisify(execFile)('bash', ['-c', script], { timeout: 15_000 });
  return JSON.parse(stdout) as unknown;
}

async function expectCommandsToWork(): Promise<void> {
  const today = shanghaiDay();
  const imported = event({ clientTs: Date.parse('2019-06-01T04:00:00Z') / 1000 });
  const file = join(root, `import-${imported.eventId}.jsonl`);
  writeFileSync(file, JSON.stringify(imported));
  const importing = await runBuilt('src/cli/events-import.js', [file], env);
  expect(importing).toMatchObject({ exitCode: 0 });
  expect(importing.output).toContain('1 lines: 1 accepted, 0 duplicates, 0 rejected');
  // Both commands share one database at the same time.
  const [calculating, auditing] = await Promise.all([
    runBuilt('src/cli/dau-calculate.js', ['2019-06-01', '2019-06-02'], env),
    runBuilt('src/cli/dau-audit.js', [today], env),
  ]);
  expect({ calculating, auditing }).toMatchObject({
    calculating: { exitCode: 0 },
    auditing: { exitCode: 0 },
  });
  expect(calculating.output).toMatch(/^2019-06-01 {2}[12] {2}\(version [12]\)$/m);
  expect(auditing.output).toContain('No drift in 1 day.');
}

// Each test continues where the one before it ended.
describe('the service without configuration', () => {
  it('starts within 30 seconds and prints its addresses', async () => {
    const start = performance.now();
    // A fresh clone has no secret either.
    service = await startService({ env: { ...env, JWT_SECRET: '' } });
    expect(performance.now() - start).toBeLessThan(START_BOUND_MS);
    const port = new URL(service.url).port;
    expect(service.url).toBe(`http://127.0.0.1:${port}`);
    await waitFor(() => service.output().includes('analytics/dau?startDate'), 2000);
    expect(service.output()).toContain(`http://127.0.0.1:${port}/api/docs`);
    expect(await request(`${service.url}/health/ready`)).toMatchObject({
      status: 200,
      body: { status: 'ok', dependencies: { database: 'up' } },
    });
  });

  it('prints requests that work in a shell', async () => {
    const lines = service.output().split('\n');
    const [token, ...more] = lines.filter((line) => line.startsWith('export TOKEN='));
    const requests = lines.filter((line) => line.startsWith('curl '));
    expect({ more, requests: requests.length }).toEqual({ more: [], requests: 3 });
    const [events, heartbeat, stats] = requests.map((line) => `${token!}\n${line}`);
    expect(await bash(events!)).toEqual({ accepted: 1, duplicates: 0, failed: 0 });
    expect(await bash(heartbeat!)).toEqual({ ok: true, serverTs: expect.any(Number) });
    const today = { day: shanghaiDay(), dauCount: 1, byProvince: { 广东省: 1 }, byCity: { 深圳市: 1 } };
    // A slow count is reused for a while (ADR 0005), so the first answer may be older than the event.
    const counted = await waitFor(async () => {
      const answer = (await bash(stats!)) as { total: number };
      return answer.total > 0 && answer;
    }, RECOVERY_MS);
    expect(countsOf(counted)).toEqual({ data: [today], total: 1 });
  });

  it('uses less than 200 MiB of memory', async () => {
    const status = `/proc/${service.pid}/status`;
    if (!existsSync(status)) return;
    const kilobytes = Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(status, 'utf8'))?.[1]);
    expect(kilobytes).toBeGreaterThan(10_000);
    expect(kilobytes).toBeLessThan(MAX_RSS_KB);
  });

  it('shares its database with commands', async () => {
    const pid = postmaster();
    await expectCommandsToWork();
    expect(postmaster()).toBe(pid);
    expect(isRunning(pid)).toBe(true);
    expect((await request(`${service.url}/health/ready`)).status).toBe(200);
  });

  it('stops its database on SIGINT', async () => {
    const pid = postmaster();
    expect(await service.stop('SIGINT')).toBe(0);
    expect(isRunning(pid)).toBe(false);
    expect(isRunning(service.pid)).toBe(false);
    expect(existsSync(join(root, 'data', 'postgres', 'postmaster.pid'))).toBe(false);
  });

  it('is not needed by commands, which start and stop the database themselves', async () => {
    await expectCommandsToWork();
    expect(existsSync(join(root, 'data', 'postgres', 'postmaster.pid'))).toBe(false);
  });

  it('keeps events and the live DAU over a restart', async () => {
    service = await startService({ env });
    await send(20);
    expect(await service.stop()).toBe(0);

    service = await startService({ env });
    await expectAllStored();
    // 20 events of this test, and one of the printed request.
    await waitFor(async () => {
      const { dauCount } = (await dau('/realtime')).body as { dauCount: number };
      // The live DAU is an estimate: a few identities may share a register.
      return Math.abs(dauCount - 21) <= 3;
    }, RECOVERY_MS);
    const today = shanghaiDay();
    expect((await dau(`?startDate=${today}&endDate=${today}`)).body).toMatchObject({
      data: [{ dauCount: 21 }],
    });
  });

  it('logs at debug between two SIGUSR2, and at its own level before and after', async () => {
    const announced = (level: string, times: number): Promise<boolean> =>
      waitFor(() => service.output().split(`SIGUSR2: the log level is ${level}`).length === times + 1);
    const published = (): number =>
      service.output().match(/ DEBUG .*analytics\.session\.started/g)?.length ?? 0;
    const outboxIsEmpty = async (): Promise<boolean> => {
      const { output } = await runBuilt('src/cli/outbox-status.js', ['--json'], env);
      // The rest of the output is about the database that the command has joined.
      const status = output.split('\n').find((line) => line.startsWith('{'));
      return status !== undefined && (JSON.parse(status) as OutboxStatus).waiting === 0;
    };
    await waitFor(outboxIsEmpty, RECOVERY_MS);
    expect(published()).toBe(0);
    service.kill('SIGUSR2');
    await announced('debug', 1);
    await send();
    await waitFor(() => published() === 1, RECOVERY_MS, { what: 'the message is logged' });
    service.kill('SIGUSR2');
    await announced('info', 1);
    await send();
    await waitFor(outboxIsEmpty, RECOVERY_MS);
    // A line about the second message would stand before this one.
    service.kill('SIGUSR2');
    await announced('debug', 2);
    expect(published()).toBe(1);
  });

  it('stores events again after its database was killed', async () => {
    const pid = postmaster();
    process.kill(pid, 'SIGKILL');
    await waitFor(async () => (await send()).status === 200 && postmaster() !== pid, RECOVERY_MS, {
      what: 'the service stores events again',
      intervalMs: 250,
    });
    await expectAllStored();
    expect((await request(`${service.url}/health/ready`)).body).toMatchObject({ status: 'ok' });
  });

  it('keeps all accepted events when it was killed', async () => {
    await send(50);
    const pid = postmaster();
    expect(await service.stop('SIGKILL')).toBeNull();
    service = await startService({ env });
    await expectAllStored();
    const successor = postmaster();
    expect(await service.stop()).toBe(0);
    expect([pid, successor].filter(isRunning)).toEqual([]);
  });

  it('keeps all accepted events when it was killed together with its database', async () => {
    service = await startService({ env });
    await send(50);
    const pid = postmaster();
    await service.stop('SIGKILL');
    process.kill(pid, 'SIGKILL');
    service = await startService({ env });
    await expectAllStored();
    expect(await service.stop('SIGHUP')).toBe(0);
  });
});

describe('SIGINT during the start', () => {
  it.each([
    ['while it creates its database', /Creating a PostgreSQL database/],
    ['when its database has just started', /Started PostgreSQL/],
  ])('leaves no process running %s', async (when, moment) => {
    const directory = join(root, when.replaceAll(' ', '-'), 'postgres');
    const own = { ...env, EMBEDDED_POSTGRES_DIRECTORY: directory, EMBEDDED_POSTGRES_PORT: '0' };
    const program = await startBuilt('src/main.js', [], own);
    await waitFor(() => moment.test(program.output()), START_BOUND_MS, { intervalMs: 2 });
    expect(await program.stop('SIGINT')).toBe(0);
    // initdb ends shortly after the service; a server would keep running.
    await waitFor(() => processesNaming(directory).length === 0, RECOVERY_MS, {
      what: 'no process of the database runs',
    });
    // The next start completes what the interrupted one left.
    const again = await startService({ env: own });
    expect(await again.stop()).toBe(0);
  });
});

describe('a service that cannot start', () => {
  const occupied: Server[] = [];

  afterAll(async () => {
    await Promise.all(occupied.map((server) => new Promise((resolve) => server.close(resolve))));
  });

  async function occupy(): Promise<string> {
    const server = createServer();
    occupied.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    return String(typeof address === 'object' ? address?.port : '');
  }

  async function expectFailure(program: Promise<Program>): Promise<string> {
    const { exitCode, output } = await (await program).result();
    expect({ exitCode, output }).toMatchObject({ exitCode: 1 });
    expect(output).not.toMatch(/\n +at .+:\d+:\d+/);
    return output;
  }

  it('names the setting to change when the port of its database is in use', async () => {
    const port = await occupy();
    const output = await expectFailure(
      startBuilt('src/main.js', [], { ...env, EMBEDDED_POSTGRES_PORT: port }),
    );
    expect(output).toContain(`Port ${port} on 127.0.0.1`);
    expect(output).toContain('EMBEDDED_POSTGRES_PORT');
  });

  it('leaves no database running when its own port is in use', async () => {
    const port = await occupy();
    const output = await expectFailure(startBuilt('src/main.js', [], { ...env, PORT: port }));
    expect(output).toContain('Another program listens on this port already');
    expect(existsSync(join(root, 'data', 'postgres', 'postmaster.pid'))).toBe(false);
  });

  it('lists every missing setting in production', async () => {
    const output = await expectFailure(
      startBuilt('src/main.js', [], { NODE_ENV: 'production', JWT_SECRET: '' }),
    );
    for (const name of ['DATABASE_URL', 'REDIS_HOST', 'KAFKA_BROKERS', 'JWT_SECRET']) {
      expect(output).toMatch(new RegExp(`${name} must be set when NODE_ENV is production`));
    }
  });

  it('rejects a known or short secret in production without repeating it', async () => {
    const secrets = ['development-only-secret-anyone-knows-it', 'thirty-one-bytes-are-not-enough'];
    await Promise.all(
      secrets.map(async (secret) => {
        const bad = { NODE_ENV: 'production', JWT_SECRET: secret };
        const output = await expectFailure(startBuilt('src/main.js', [], bad));
        expect(output).toMatch(/JWT_SECRET must (not be one from an example|have at least 32 bytes)/);
        expect(output).not.toContain(secret);
      }),
    );
  });

  it('lists every wrong setting without its value', async () => {
    const wrong = {
      PORT: '70000',
      LOG_LEVEL: 'loud',
      DATABASE_URL: 'mysql://user:a-secret-password@host/database',
      REDIS_PORT: 'six',
      REDIS_PASSWORD: 'a-secret-password',
      INTERNAL_API_KEY: 'a-secret-key',
      JWT_EXPIRES_IN: 'soon',
      KAFKA_BROKERS: 'nowhere',
      EVENT_MAX_AGE_DAYS: '0',
      JWT_SECRET: TEST_JWT_SECRET,
    };
    const output = await expectFailure(startBuilt('src/main.js', [], wrong));
    for (const name of Object.keys(wrong)) {
      if (name !== 'REDIS_PASSWORD' && name !== 'JWT_SECRET') expect(output).toContain(name);
    }
    expect(output).not.toMatch(/a-secret|end-to-end-tests/);
  });
});
