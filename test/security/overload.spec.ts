import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';

import { Deployment } from '../support/deployment.js';
import { event, nowSeconds } from '../support/events.js';
import { postJson, request } from '../support/http.js';
import { sleep, waitFor } from '../support/processes.js';
import { RECOVERY_MS } from '../support/recovery.js';
import type { Service } from '../support/service.js';
import { faultsOfProblem } from './support/problems.js';
import { residentMib } from './support/process-memory.js';
import { KeepAliveClient, type Outcome } from './support/wire.js';

const BATCH_SIZE = 200;
/** Number of clients that measure the sustainable rate, each with one request in flight. */
const CLIENTS = 8;
const CALM_MS = 3_000;
const STORM_MS = 8_000;
const TIMES = 4;
const TICK_MS = 10;
const MAX_RSS_MIB = 600;
/** Bounds the median rejection on a machine that runs clients and service. */
const MEDIAN_REFUSAL_MS = 1_000;
/** Bounds every response. */
const HANG_MS = 15_000;

jest.setTimeout(90_000);

let deployment: Deployment;
let service: Service;
let client: KeepAliveClient;

beforeAll(async () => {
  deployment = await Deployment.create();
  // The tests measure back-pressure, not rate limits.
  service = await deployment.start({ RATE_LIMIT_PER_ADDRESS: '0', RATE_LIMIT_PER_INSTALL: '0' });
  client = new KeepAliveClient(service.url, { connections: 5_000, timeoutMs: HANG_MS });
});

afterAll(async () => {
  client?.close();
  expect(await deployment?.remove()).toEqual([0]);
});

let batches = 0;

/** Returns a batch of one install, which identifies its rows; every tenth event is a session. */
function batch(): { readonly installId: string; readonly body: string } {
  const number = String(++batches).padStart(8, '0');
  const installId = `storm-${number}`;
  const at = nowSeconds();
  const events = Array.from({ length: BATCH_SIZE }, (_, i) => {
    const name = i % 10 === 0 ? 'app_session_start' : 'page_view';
    const id = `${number}-0000-4000-8000-${String(i).padStart(12, '0')}`;
    return `{"eventName":"${name}","installId":"${installId}","clientTs":${at},"eventId":"${id}","properties":{"province":"广东省","page":"home"}}`;
  });
  return { installId, body: `{"events":[${events.join()}]}` };
}

interface Sent {
  readonly installId: string;
  readonly outcome: Outcome;
}

async function send(): Promise<Sent> {
  const { installId, body } = batch();
  const headers = { 'content-type': 'application/json' };
  return {
    installId,
    outcome: await client.send({ method: 'POST', path: '/analytics/events', headers, body }),
  };
}

/** Sends requests from {@link CLIENTS} clients, one in flight each. @returns requests a second */
async function sustainableRate(sent: Sent[]): Promise<number> {
  const start = performance.now();
  await Promise.all(
    Array.from({ length: CLIENTS }, async () => {
      while (performance.now() - start < CALM_MS) sent.push(await send());
    }),
  );
  return sent.length / ((performance.now() - start) / 1000);
}

/** Sends requests at a fixed rate without waiting for responses. */
async function storm(perSecond: number): Promise<Promise<Sent>[]> {
  const asked: Promise<Sent>[] = [];
  const start = performance.now();
  for (;;) {
    const elapsed = performance.now() - start;
    if (elapsed >= STORM_MS) return asked;
    while (asked.length < (elapsed / 1000) * perSecond) asked.push(send());
    await sleep(TICK_MS);
  }
}

/** Requests health and metrics as a monitoring system does, and records the responses. */
class Monitor {
  readonly answers: string[] = [];
  peakMib = 0;
  private running = true;
  private readonly ended = this.run();

  async stop(): Promise<void> {
    this.running = false;
    await this.ended;
  }

  private async run(): Promise<void> {
    while (this.running) {
      for (const path of ['/health/live', '/metrics']) {
        const answer = await request(`${service.url}${path}`).catch((error: unknown) => ({
          status: String(error),
        }));
        this.answers.push(`${path} ${answer.status}`);
      }
      this.peakMib = Math.max(this.peakMib, residentMib(service.pid));
      await sleep(100);
    }
  }
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

describe(`the service at ${TIMES} times its sustainable rate`, () => {
  const calm: Sent[] = [];
  let offered: Sent[] = [];
  let monitor: Monitor;
  let rate: number;
  let millisecondsOfStorm: number;

  beforeAll(async () => {
    rate = await sustainableRate(calm);
    monitor = new Monitor();
    const start = performance.now();
    const asked = await storm(TIMES * rate);
    millisecondsOfStorm = performance.now() - start;
    offered = await Promise.all(asked);
    await monitor.stop();
  }, 60_000);

  const withStatus = (status: number): Sent[] =>
    offered.filter(({ outcome }) => outcome.failure === undefined && outcome.status === status);

  it('receives more requests than it can process', () => {
    expect(calm.map(({ outcome }) => outcome.failure ?? outcome.status)).toEqual(calm.map(() => 200));
    expect(offered.length / (millisecondsOfStorm / 1000)).toBeGreaterThan(2 * rate);
    expect(withStatus(200).length).toBeLessThan(offered.length);
  });

  it('answers every request with 200, 429 or 503', () => {
    const outcomes = new Map<string, number>();
    for (const { outcome } of offered) {
      const name = outcome.failure ?? String(outcome.status);
      outcomes.set(name, (outcomes.get(name) ?? 0) + 1);
    }
    expect([...outcomes.keys()].filter((name) => !['200', '429', '503'].includes(name))).toEqual([]);
  });

  it('continues to accept requests at its sustainable rate', () => {
    expect(withStatus(200).length).toBeGreaterThan(rate);
  });

  it('rejects excess requests quickly with Retry-After', () => {
    const refused = [...withStatus(503), ...withStatus(429)];
    expect(refused.length).toBeGreaterThan(0);
    expect(median(refused.map(({ outcome }) => outcome.milliseconds))).toBeLessThan(MEDIAN_REFUSAL_MS);
    for (const { outcome } of refused) {
      if (outcome.failure !== undefined) continue;
      const { status, headers, text } = outcome;
      expect(Number(headers['retry-after'])).toBeGreaterThan(0);
      expect(faultsOfProblem({ status, contentType: headers['content-type'] ?? '', text })).toEqual([]);
    }
  });

  it(`keeps its memory below ${MAX_RSS_MIB} MiB`, () => {
    expect(monitor.peakMib).toBeGreaterThan(0);
    expect(monitor.peakMib).toBeLessThan(MAX_RSS_MIB);
  });

  it('answers health checks and metrics', () => {
    expect(monitor.answers.length).toBeGreaterThan(4);
    expect(monitor.answers.filter((answer) => !answer.endsWith(' 200'))).toEqual([]);
  });

  it('has stored every batch that it answered with 200', async () => {
    const taken = [...calm, ...withStatus(200)].map(({ installId }) => installId);
    const rows = await deployment.stored.rows(
      'SELECT install_id, count(*)::int AS n FROM analytics_event_log WHERE install_id = ANY ($1) GROUP BY install_id',
      [taken],
    );
    const counts = new Map(rows.map(({ install_id, n }) => [install_id, n]));
    expect(taken.filter((installId) => counts.get(installId) !== BATCH_SIZE)).toEqual([]);
  });

  it('recovers within seconds', async () => {
    await waitFor(
      async () => {
        const answer = await postJson(`${service.url}/analytics/events`, { events: [event()] });
        return answer.status === 200 && answer.milliseconds < 1_000;
      },
      RECOVERY_MS,
      { what: 'a request is answered at the usual speed' },
    );
    const again: Sent[] = [];
    await Promise.all(Array.from({ length: CLIENTS }, async () => again.push(await send())));
    expect(again.map(({ outcome }) => outcome.failure ?? outcome.status)).toEqual(again.map(() => 200));
    expect(service.output()).not.toMatch(/failed unexpectedly|Uncaught|Unhandled/);
  });
});
