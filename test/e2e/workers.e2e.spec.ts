import { createServer, type AddressInfo } from 'node:net';

import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';

import { Deployment } from '../support/deployment.js';
import { event } from '../support/events.js';
import { postJson, request, type Answer } from '../support/http.js';
import { waitFor } from '../support/processes.js';
import { RECOVERY_MS } from '../support/recovery.js';
import { startBuilt, type Service } from '../support/service.js';
import { childrenOf, isRunning, signalAll } from './support/process-tree.js';

const WORKERS = 2;
/** Three processes load the service one after another: the primary, the first worker, the second one. */
const START_MS = (1 + WORKERS) * RECOVERY_MS;

// Each scene starts a service, and waits for processes that start or end.
jest.setTimeout(START_MS + 2 * RECOVERY_MS);

/** A connection of its own, which the primary process gives to the next worker. */
const FRESH = { connection: 'close' };

let deployment: Deployment;

beforeAll(async () => {
  deployment = await Deployment.create({ redis: true });
});

afterAll(() => deployment?.remove());

const start = (env: Readonly<Record<string, string>> = {}): Promise<Service> =>
  deployment.start({ WORKERS: String(WORKERS), ...env }, { startTimeoutMs: START_MS });

const send = (service: Service, eventId: string = crypto.randomUUID()): Promise<Answer> =>
  postJson(`${service.url}/analytics/events`, { events: [event({ eventId })] }, { headers: FRESH });

const statusOf = async (service: Service): Promise<unknown> => {
  const { body } = await request(`${service.url}/health/ready`, { headers: FRESH });
  return (body as { readonly status: unknown }).status;
};

async function metric(service: Service, series: string): Promise<number> {
  const { text } = await request(`${service.url}/metrics`, { headers: FRESH });
  const line = text.split('\n').find((each) => each.startsWith(`${series} `));
  return Number(line?.slice(series.length));
}

/** Waits until each worker listens and has reported. */
const waitForWorkers = (service: Service): Promise<unknown> =>
  waitFor(async () => (await metric(service, 'analytics_workers')) === WORKERS, START_MS, {
    what: 'all workers report',
  });

const UP = /^analytics_dependency_up\{dependency="database"\} 1$/m;
const UNKNOWN_OUTBOX = /^analytics_outbox_waiting_rows NaN$/m;
const ACCEPTED = 'analytics_events_total{result="accepted"}';

async function storedOf(ids: readonly string[]): Promise<number> {
  const sql = 'SELECT count(*)::int AS n FROM analytics_event_log WHERE event_id = ANY ($1::uuid[])';
  const [row] = await deployment.stored.rows(sql, [ids]);
  return Number(row?.['n']);
}

/** Sends events one after another until it is stopped. */
function keepSending(service: Service): { stop(): Promise<readonly string[]> } {
  const acknowledged: string[] = [];
  let isStopped = false;
  const sending = (async () => {
    while (!isStopped) {
      const id = crypto.randomUUID();
      // A connection to a worker that is killed is reset.
      const answer = await send(service, id).catch(() => null);
      if (answer?.status === 200) acknowledged.push(id);
    }
  })();
  return {
    stop: async () => {
      isStopped = true;
      await sending;
      return acknowledged;
    },
  };
}

describe('a service of two workers', () => {
  let service: Service;

  beforeAll(async () => {
    service = await start();
  }, START_MS);

  it('is two processes and a primary, which listen on one port', async () => {
    expect(childrenOf(service.pid)).toHaveLength(WORKERS);
    await waitForWorkers(service);
    expect(service.output().match(/Listening on/g)).toHaveLength(1);
  });

  it('adds up the counts of both, and answers the same figures whichever is asked', async () => {
    const before = await metric(service, ACCEPTED);
    const events = 20;
    for (let i = 0; i < events; i++) expect((await send(service)).status).toBe(200);
    // A worker that is busy for a second is counted as it last reported; from its next report on it is complete.
    await waitFor(async () => (await metric(service, ACCEPTED)) === before + events, RECOVERY_MS);
    const counts = [];
    for (let scrape = 0; scrape < 2 * WORKERS; scrape++) counts.push(await metric(service, ACCEPTED));
    expect(counts).toEqual(counts.map(() => before + events));
    expect((await request(`${service.url}/metrics`)).text).toMatch(/^analytics_build_info\{.*\} 1$/m);
    // Figures that every worker reads are not added up, and one that a single worker knows is shown.
    await waitFor(
      async () => {
        const { text } = await request(`${service.url}/metrics`);
        return UP.test(text) && !UNKNOWN_OUTBOX.test(text);
      },
      RECOVERY_MS,
      { what: 'every worker has looked at its dependencies, and one has counted the outbox' },
    );
  });

  it('replaces a killed worker, loses nothing that was acknowledged, and keeps what was counted', async () => {
    const sending = keepSending(service);
    const accepted = await metric(service, ACCEPTED);
    const workers = childrenOf(service.pid);
    signalAll(workers.slice(0, 1), 'SIGKILL');
    await waitFor(async () => (await metric(service, 'analytics_worker_restarts_total')) === 1, RECOVERY_MS, {
      what: 'the worker is replaced',
    });
    await waitFor(() => childrenOf(service.pid).length === WORKERS, RECOVERY_MS);
    expect(await metric(service, ACCEPTED)).toBeGreaterThanOrEqual(accepted);
    const acknowledged = await sending.stop();
    expect(acknowledged.length).toBeGreaterThan(0);
    expect(await storedOf(acknowledged)).toBe(acknowledged.length);
    // The other one is killed as well: the replacement serves, on the port that the system chose.
    signalAll(workers.slice(1), 'SIGKILL');
    await waitFor(async () => (await send(service).catch(() => null))?.status === 200, START_MS);
    expect(service.output()).toMatch(
      /Worker \d+ \(pid \d+\) ended with SIGKILL; another one starts in \d+ ms/,
    );
  });

  it('drains all workers at SIGTERM and ends with 0', async () => {
    await waitForWorkers(service);
    const workers = childrenOf(service.pid);
    const sending = keepSending(service);
    await waitFor(async () => (await statusOf(service)) === 'ok', RECOVERY_MS);
    expect(await service.stop()).toBe(0);
    const acknowledged = await sending.stop();
    expect(await storedOf(acknowledged)).toBe(acknowledged.length);
    expect(workers.filter(isRunning)).toEqual([]);
  });
});

describe('the shutdown of two workers', () => {
  it('fails the readiness of both for the grace period, also when all processes get the signal', async () => {
    const service = await start({ SHUTDOWN_GRACE_SECONDS: '300' });
    signalAll([service.pid, ...childrenOf(service.pid)], 'SIGTERM');
    const ofBoth = (): Promise<unknown[]> =>
      Promise.all(Array.from({ length: 2 * WORKERS }, () => statusOf(service)));
    await waitFor(async () => (await ofBoth()).every((status) => status === 'shutting_down'), RECOVERY_MS);
    expect((await send(service)).status).toBe(200);
    expect(await service.stop('SIGTERM')).toBe(0);
  });

  it('ends the grace period at a second signal', async () => {
    const service = await start({ SHUTDOWN_GRACE_SECONDS: '300' });
    service.kill('SIGTERM');
    await waitFor(async () => (await statusOf(service)) === 'shutting_down', RECOVERY_MS);
    expect(await service.stop('SIGTERM')).toBe(0);
  });

  it('happens by itself when the primary process is killed', async () => {
    const service = await start();
    const workers = childrenOf(service.pid);
    service.kill('SIGKILL');
    await waitFor(() => !workers.some(isRunning), RECOVERY_MS, { what: 'the workers end' });
    expect(service.output()).toContain('Stopping: the primary process is gone');
  });
});

describe('a start of two workers that fails', () => {
  it('names a port in use once and ends with 1', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const port = String((other.address() as AddressInfo).port);
    const program = await startBuilt('src/main.js', [], { ...deployment.settings, WORKERS: '2', PORT: port });
    const { exitCode, output } = await program.result();
    await new Promise((resolve) => other.close(resolve));
    expect(exitCode).toBe(1);
    expect(output.match(/Another program listens on this port already/g)).toHaveLength(1);
    expect(output.match(/ERROR \[Main\]/g)).toHaveLength(1);
    expect(output).not.toContain(' at ');
  });

  it('names each problem of the configuration once and ends with 1', async () => {
    const program = await startBuilt('src/main.js', [], { WORKERS: '2' });
    const { exitCode, output } = await program.result();
    expect({ exitCode, output }).toMatchObject({
      exitCode: 1,
      output: expect.stringContaining('REDIS_HOST must be set when WORKERS is not 1, it is absent'),
    });
    expect(output.match(/REDIS_HOST/g)).toHaveLength(1);
  });
});
