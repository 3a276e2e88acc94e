import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';

import { event, nowSeconds } from '../support/events.js';
import { OwnerDatabase } from '../support/owner-database.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { postJson, request } from '../support/http.js';
import { sleep, waitFor } from '../support/processes.js';
import { settings, startService, type Service } from '../support/service.js';
import { faultsOfProblem } from './support/problems.js';
import { residentMib } from './support/process-memory.js';
import { KeepAliveClient, type Outcome } from './support/wire.js';

const BATCH_SIZE = 200;
/** How many ask at once, each waiting for its answer, when the sustainable rate is looked for. */
const CLIENTS = 8;
const CALM_MS = 3_000;
const STORM_MS = 8_000;
const TIMES = 4;
const TICK_MS = 10;
const MAX_RSS_MIB = 600;
/** Half of the refusals come within this, on a machine that does all of it at once. */
const MEDIAN_REFUSAL_MS = 1_000;
/** No answer takes longer: nobody hangs. */
const HANG_MS = 15_000;
const RECOVERY_MS = 10_000;

jest.setTimeout(90_000);

let database: TestDatabase;
let service: Service;
let stored: OwnerDatabase;
let client: KeepAliveClient;

beforeAll(async () => {
  database = await createTestDatabase();
  service = await startService({
    env: {
      ...settings({ databaseUrl: database.serviceUrl }),
      // Backpressure is what is tested, not the counting of clients.
      RATE_LIMIT_PER_ADDRESS: '0',
      RATE_LIMIT_PER_INSTALL: '0',
    },
  });
  stored = await OwnerDatabase.connect(database.ownerUrl);
  client = new KeepAliveClient(service.url, { connections: 5_000, timeoutMs: HANG_MS });
});

afterAll(async () => {
  client?.close();
  await stored?.close();
  const exitCode = await service?.stop();
  await database?.drop();
  expect(exitCode).toBe(0);
});

let batches = 0;

/** Of an install of its own, by which its rows are found; every tenth event is a session. */
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

/** Each of some clients sends as soon as it has its answer. @returns requests a second */
async function sustainableRate(sent: Sent[]): Promise<number> {
  const start = performance.now();
  await Promise.all(
    Array.from({ length: CLIENTS }, async () => {
      while (performance.now() - start < CALM_MS) sent.push(await send());
    }),
  );
  return sent.length / ((performance.now() - start) / 1000);
}

/** Sends at a rate, whether answers come or not. */
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

/** Asks as those do who watch over the service, and keeps what they were told. */
class Watch {
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

describe(`at ${TIMES} times the rate that it can sustain, the service`, () => {
  const calm: Sent[] = [];
  let offered: Sent[] = [];
  let watch: Watch;
  let rate: number;
  let millisecondsOfStorm: number;

  beforeAll(async () => {
    rate = await sustainableRate(calm);
    watch = new Watch();
    const start = performance.now();
    const asked = await storm(TIMES * rate);
    millisecondsOfStorm = performance.now() - start;
    offered = await Promise.all(asked);
    await watch.stop();
  }, 60_000);

  const withStatus = (status: number): Sent[] =>
    offered.filter(({ outcome }) => outcome.failure === undefined && outcome.status === status);

  it('was indeed offered more than it can take', () => {
    expect(calm.map(({ outcome }) => outcome.failure ?? outcome.status)).toEqual(calm.map(() => 200));
    expect(offered.length / (millisecondsOfStorm / 1000)).toBeGreaterThan(2 * rate);
    expect(withStatus(200).length).toBeLessThan(offered.length);
  });

  it('answers every request, with 200, 429 or 503 and nothing else', () => {
    const outcomes = new Map<string, number>();
    for (const { outcome } of offered) {
      const name = outcome.failure ?? String(outcome.status);
      outcomes.set(name, (outcomes.get(name) ?? 0) + 1);
    }
    expect([...outcomes.keys()].filter((name) => !['200', '429', '503'].includes(name))).toEqual([]);
  });

  it('goes on working for those it does not refuse', () => {
    expect(withStatus(200).length).toBeGreaterThan(rate);
  });

  it('refuses quickly, and says when to come again', () => {
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
    expect(watch.peakMib).toBeGreaterThan(0);
    expect(watch.peakMib).toBeLessThan(MAX_RSS_MIB);
  });

  it('tells those who watch over it how it is', () => {
    expect(watch.answers.length).toBeGreaterThan(4);
    expect(watch.answers.filter((answer) => !answer.endsWith(' 200'))).toEqual([]);
  });

  it('loses nothing that it answered with 200', async () => {
    const taken = [...calm, ...withStatus(200)].map(({ installId }) => installId);
    const rows = await stored.rows(
      'SELECT install_id, count(*)::int AS n FROM analytics_event_log WHERE install_id = ANY ($1) GROUP BY install_id',
      [taken],
    );
    const counts = new Map(rows.map(({ install_id, n }) => [install_id, n]));
    expect(taken.filter((installId) => counts.get(installId) !== BATCH_SIZE)).toEqual([]);
  });

  it('is its old self soon afterwards', async () => {
    await waitFor(
      async () => {
        const answer = await postJson(`${service.url}/analytics/events`, { events: [event()] });
        return answer.status === 200 && answer.milliseconds < 1_000;
      },
      RECOVERY_MS,
      { what: 'a request is answered as ever' },
    );
    const again: Sent[] = [];
    await Promise.all(Array.from({ length: CLIENTS }, async () => again.push(await send())));
    expect(again.map(({ outcome }) => outcome.failure ?? outcome.status)).toEqual(again.map(() => 200));
    expect(service.output()).not.toMatch(/failed unexpectedly|Uncaught|Unhandled/);
  });
});
