import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';

import { WorkerStartError } from '../../../src/worker-messages.js';
import { WorkerSupervisor } from '../../../src/worker-supervisor.js';
import { FakeCluster } from './fake-workers.js';

const COUNT = 3;
const LONGEST_DELAY_MS = 30_000;

let cluster: FakeCluster;
let supervisor: WorkerSupervisor;
let errors: string[];
let hasGivenUp: boolean;

beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ['nextTick'] });
  errors = [];
  hasGivenUp = false;
  const ignore = (): void => undefined;
  Logger.overrideLogger({
    log: ignore,
    warn: ignore,
    debug: ignore,
    error: (message: unknown) => errors.push(String(message)),
  });
  cluster = new FakeCluster();
  supervisor = supervisorOf(COUNT);
});

afterEach(() => {
  Logger.overrideLogger(false);
  jest.useRealTimers();
});

function supervisorOf(count: number): WorkerSupervisor {
  return new WorkerSupervisor({
    count,
    level: 'info',
    environment: { PORT: '3001' },
    onGiveUp: () => (hasGivenUp = true),
    processes: cluster,
  });
}

/** Lets promises settle and events of the next tick happen. */
const settle = (): Promise<void> => jest.advanceTimersByTimeAsync(0);
const waitForRestart = (): Promise<void> => jest.advanceTimersByTimeAsync(LONGEST_DELAY_MS);

/** Starts, with the first worker listening and the others booting. */
async function startFirst(): Promise<{ readonly started: Promise<number> }> {
  const started = supervisor.start();
  started.catch(() => undefined);
  cluster.nth(1).listen();
  await settle();
  expect(cluster.workers).toHaveLength(COUNT);
  return { started };
}

async function startAll(): Promise<void> {
  const { started } = await startFirst();
  for (const worker of cluster.workers.slice(1)) worker.listen();
  expect(await started).toBe(3001);
}

describe('a worker that dies while others boot', () => {
  it('is replaced when it had listened, and the start goes on', async () => {
    const { started } = await startFirst();
    cluster.nth(1).end('SIGKILL');
    await waitForRestart();
    expect(cluster.workers).toHaveLength(COUNT + 1);
    expect(errors).toEqual(['Worker 1 (pid 1001) ended with SIGKILL; another one starts in 100 ms']);
    for (const worker of cluster.workers.slice(1)) worker.listen();
    expect(await started).toBe(3001);
  });

  it('is replaced again when the replacement dies before it listens', async () => {
    await startFirst();
    cluster.nth(1).end('SIGKILL');
    await waitForRestart();
    cluster.nth(COUNT + 1).end(1);
    await waitForRestart();
    expect(cluster.workers).toHaveLength(COUNT + 2);
  });

  it('fails the start when it had not listened; only an end by a signal is logged here', async () => {
    const { started } = await startFirst();
    cluster.nth(2).end('SIGKILL');
    await expect(started).rejects.toThrow(WorkerStartError);
    expect(errors).toEqual(['Worker 2 (pid 1002) ended with SIGKILL before it listened']);
    cluster.nth(3).end(1);
    await waitForRestart();
    expect(errors).toHaveLength(1);
    expect(cluster.workers).toHaveLength(COUNT);
  });
});

describe('many workers', () => {
  it('may all crash at once, and twice again', async () => {
    const count = 16;
    supervisor = supervisorOf(count);
    const started = supervisor.start();
    cluster.nth(1).listen();
    await settle();
    for (const worker of cluster.workers) worker.listen();
    await started;
    for (let round = 1; round <= 3; round++) {
      for (const worker of cluster.workers.slice(-count)) worker.end('SIGKILL');
      await waitForRestart();
      expect(cluster.workers).toHaveLength((1 + round) * count);
      expect(hasGivenUp).toBe(false);
    }
    cluster.workers.at(-1)?.end('SIGKILL');
    expect(hasGivenUp).toBe(true);
  });
});

describe('a fork that fails', () => {
  it.each(['EAGAIN', 'ENOMEM'] as const)('of a replacement is tried again (%s)', async (failure) => {
    await startAll();
    cluster.nth(2).end('SIGKILL');
    cluster.failure = failure;
    await jest.advanceTimersByTimeAsync(100);
    cluster.failure = null;
    await waitForRestart();
    expect(errors).toHaveLength(2);
    expect(errors[1]).toMatch(new RegExp(`could not be forked \\(Error: spawn ${failure}\\); another one`));
    const replacement = cluster.workers.at(-1);
    expect(replacement?.process['pid']).toBeDefined();
    expect(hasGivenUp).toBe(false);
  });

  it.each(['EAGAIN', 'ENOMEM'] as const)(
    'at the start fails the start and is logged (%s)',
    async (failure) => {
      cluster.failure = failure;
      await expect(supervisor.start()).rejects.toThrow(WorkerStartError);
      expect(errors).toEqual([expect.stringContaining(`spawn ${failure}`)]);
      supervisor.announceStop('it could not start');
      expect(await supervisor.ended(1_000)).toBe(1);
    },
  );

  it('again and again ends the service', async () => {
    await startAll();
    cluster.nth(2).end('SIGKILL');
    cluster.failure = 'EAGAIN';
    for (let crash = 0; crash < 30; crash++) await waitForRestart();
    expect(hasGivenUp).toBe(true);
  });
});

describe('a worker that says nothing', () => {
  const signalsOf = (): string[][] => cluster.workers.map(({ signals }) => signals);

  it('is killed after a minute and replaced, while those that are alive stay', async () => {
    await startAll();
    for (const worker of cluster.workers) worker.link();
    for (let turn = 0; turn < 12; turn++) {
      expect(signalsOf()).toEqual([[], [], []]);
      cluster.nth(1).emit('message', { type: 'alive' });
      cluster.nth(3).emit('message', { type: 'metrics', id: 1, metrics: [] });
      await jest.advanceTimersByTimeAsync(5_000);
    }
    expect(signalsOf()).toEqual([[], ['SIGKILL'], []]);
    cluster.nth(2).end('SIGKILL');
    await jest.advanceTimersByTimeAsync(100);
    expect(cluster.workers).toHaveLength(COUNT + 1);
    expect(errors).toEqual([
      'Worker 2 (pid 1002) has said nothing for 60 s: it hangs, and is killed',
      'Worker 2 (pid 1002) ended with SIGKILL; another one starts in 100 ms',
    ]);
  });

  it('is left alone while it loads, and once the service stops', async () => {
    await startAll();
    cluster.nth(1).link();
    await jest.advanceTimersByTimeAsync(30_000);
    supervisor.announceStop('SIGTERM');
    await jest.advanceTimersByTimeAsync(300_000);
    expect(signalsOf()).toEqual([[], [], []]);
  });
});

describe('the log level', () => {
  const levelsOf = (n: number): unknown[] => cluster.nth(n).sent.map(({ level }) => level);

  it('reaches running workers over the channel, and no worker gets a signal', async () => {
    await startAll();
    for (const worker of cluster.workers) worker.link();
    supervisor.setLogLevel('debug');
    for (let n = 1; n <= COUNT; n++) expect(levelsOf(n)).toEqual(['info', 'debug']);
    expect(cluster.workers.flatMap(({ signals }) => signals)).toEqual([]);
  });

  it('reaches a worker that booted when it changed, as soon as that one hears', async () => {
    await startFirst();
    supervisor.setLogLevel('debug');
    expect(levelsOf(2)).toEqual([]);
    cluster.nth(2).link();
    expect(levelsOf(2)).toEqual(['debug']);
  });

  it('is that of a replacement from its first line on', async () => {
    await startAll();
    supervisor.setLogLevel('debug');
    cluster.nth(1).end('SIGKILL');
    await waitForRestart();
    expect(cluster.nth(1).environment).toEqual({ PORT: '3001', LOG_LEVEL: 'info' });
    expect(cluster.nth(COUNT + 1).environment).toEqual({ PORT: '3001', LOG_LEVEL: 'debug' });
  });
});

describe('a stop during the start', () => {
  const stop = { type: 'stop', reason: 'SIGTERM' };

  it('starts no other workers once the first one listens', async () => {
    const started = supervisor.start();
    supervisor.announceStop('SIGTERM');
    cluster.nth(1).listen();
    await started;
    expect(cluster.workers).toHaveLength(1);
  });

  it('is told to a worker that cannot hear yet, once, as soon as it can', async () => {
    await startFirst();
    cluster.nth(1).link();
    supervisor.announceStop('SIGTERM');
    expect(cluster.nth(1).sent).toContainEqual(stop);
    expect(cluster.nth(2).sent).toEqual([]);
    cluster.nth(2).link();
    expect(cluster.nth(2).sent.filter(({ type }) => type === 'stop')).toEqual([stop]);
  });

  it('replaces nobody, and waits for all workers', async () => {
    const { started } = await startFirst();
    started.catch(() => undefined);
    cluster.nth(1).end('SIGKILL');
    supervisor.announceStop('SIGTERM');
    await waitForRestart();
    expect(cluster.workers).toHaveLength(COUNT);
    let code: number | null = null;
    void supervisor.ended(60_000).then((result) => (code = result));
    cluster.nth(2).end(0);
    await settle();
    expect(code).toBeNull();
    cluster.nth(3).end(0);
    await settle();
    expect(code).toBe(0);
  });

  it('kills workers that do not end within the limit', async () => {
    await startAll();
    supervisor.announceStop('SIGTERM');
    const ended = supervisor.ended(1_000);
    cluster.nth(1).end(0);
    await jest.advanceTimersByTimeAsync(1_000);
    expect(cluster.workers.map(({ signals }) => signals)).toEqual([[], ['SIGKILL'], ['SIGKILL']]);
    for (const worker of cluster.workers.slice(1)) worker.end('SIGKILL');
    expect(await ended).toBe(1);
  });
});
