import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';

import { Deployment } from '../support/deployment.js';
import { signToken } from '../support/http.js';
import type { OwnerDatabase } from '../support/owner-database.js';
import type { Service } from '../support/service.js';
import { eventBatch, type SentBatch } from './support/fuzz-events.js';
import { anyRequest, type FuzzedRequest } from './support/fuzz-requests.js';
import { faultsOfProblem, parseObject } from './support/problems.js';
import { residentMib } from './support/process-memory.js';
import { KeepAliveClient, type Outcome } from './support/wire.js';

// The seed makes every run send the same requests; another seed finds other faults.
const SEED = 20_250_115;
const CONNECTIONS = 24;
/** Requests to routes: number of runs, and of concurrent requests in each run. */
const REQUEST_RUNS = 200;
const REQUESTS_A_RUN = 100;
const BATCH_RUNS = 40;
const BATCHES_A_RUN = 10;
const EVENTS_A_BATCH = 50;
/** Bounds every response on a busy machine; the service's own bound is 2 s. */
const HANG_MS = 10_000;
/** Limits the growth of memory in the second half of the requests, and its peak. */
const MAX_GROWTH_MIB = 100;
const MAX_RSS_MIB = 500;
const MAX_EVENT_AGE_MS = 7 * 86_400_000;
const MAX_EVENT_FUTURE_MS = 600_000;

jest.setTimeout(120_000);

const token = signToken({ userId: '7' });
const internalKey = 'the-internal-key-of-the-fuzzed-service';
/** Start of the run, a fixed reference for the times of all events. */
const startedAt = Math.floor(Date.now() / 1000);

let deployment: Deployment;
let service: Service;
let client: KeepAliveClient;
const memory: number[] = [];

beforeAll(async () => {
  deployment = await Deployment.create({ redis: true });
  service = await deployment.start({ INTERNAL_API_KEY: internalKey });
  client = new KeepAliveClient(service.url, { connections: CONNECTIONS, timeoutMs: HANG_MS });
});

afterAll(async () => {
  client?.close();
  expect(await deployment?.remove()).toEqual([0]);
});

/** Returns the faults of a response to any request; empty when there are none. */
function faultsOf({ method, mayRead }: FuzzedRequest, outcome: Outcome): string[] {
  if (outcome.failure !== undefined) return [outcome.failure];
  const { status, headers, text } = outcome;
  const faults: string[] = [];
  if (status >= 500) faults.push(`status ${status}`);
  if (headers['x-powered-by'] !== undefined || headers['server'] !== undefined) faults.push('a banner');
  if (!mayRead && /"dauCount"|"onlineCount"|"windowSeconds"/.test(text) && !text.includes('"openapi"'))
    faults.push('figures without a token');
  if (status >= 400 && method !== 'HEAD')
    faults.push(...faultsOfProblem({ status, contentType: headers['content-type'] ?? '', text }));
  return faults;
}

function describeExchange({ method, path, headers, body }: FuzzedRequest, outcome: Outcome): string {
  const shown = outcome.failure ?? `${outcome.status} ${outcome.text.slice(0, 300)}`;
  const sent = body === undefined ? '' : ` ${Buffer.from(body).toString().slice(0, 500)}`;
  return `${method} ${path.slice(0, 500)} ${JSON.stringify(headers)}${sent}\n  → ${shown}`;
}

describe('every route with fuzzed requests', () => {
  it(`answers ${REQUEST_RUNS * REQUESTS_A_RUN} requests in time, without 5xx, with documented errors`, async () => {
    const seen = new Map<number, number>();
    const faults: string[] = [];
    const run = fc.array(anyRequest({ token, internalKey }), {
      minLength: REQUESTS_A_RUN,
      maxLength: REQUESTS_A_RUN,
    });
    await fc.assert(
      fc.asyncProperty(run, async (requests) => {
        const outcomes = await Promise.all(requests.map((request) => client.send(request)));
        outcomes.forEach((outcome, i) => {
          if (outcome.failure === undefined) seen.set(outcome.status, (seen.get(outcome.status) ?? 0) + 1);
          const found = faultsOf(requests[i]!, outcome);
          if (found.length > 0)
            faults.push(`${found.join(', ')}: ${describeExchange(requests[i]!, outcome)}`);
        });
        memory.push(residentMib(service.pid));
      }),
      { seed: SEED, numRuns: REQUEST_RUNS },
    );
    expect({ count: faults.length, first: faults.slice(0, 10) }).toEqual({ count: 0, first: [] });
    // The requests reached every kind of response.
    for (const status of [200, 400, 401, 404, 405, 413, 415]) expect([...seen.keys()]).toContain(status);
    expect(seen.get(200)).toBeGreaterThan(REQUEST_RUNS);
  });
});

interface Verdict {
  readonly accepted: number;
  readonly duplicates: number;
  readonly failed: number;
  readonly rejected?: readonly { readonly index: number; readonly code: string; readonly message: string }[];
}

interface StoredRow {
  readonly id: string;
  readonly at: Date;
  readonly user_id: string | null;
  readonly install_id: string;
  readonly event_name: string;
  readonly properties: unknown;
}

/** Checks a row by the rules of the documentation, without the value objects of the service. */
function faultsOfRow(row: StoredRow, from: number, to: number): string[] {
  const faults: string[] = [];
  const must = (holds: boolean, what: string): void => {
    if (!holds) faults.push(what);
  };
  must(/^[a-z][a-z0-9_]{0,63}$/.test(row.event_name), `name ${row.event_name}`);
  const length = codePoints(row.install_id);
  must(length >= 8 && length <= 128, `install of ${length} characters`);
  must(row.install_id.trim() === row.install_id, 'install with blanks around it');
  must(!/[\p{Cc}\p{Cs}]/u.test(row.install_id), 'install with control characters or broken Unicode');
  const userId = row.user_id === null ? 1n : BigInt(row.user_id);
  must(userId >= 1n && userId < 2n ** 63n, `user ${userId}`);
  must(
    /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(row.id) && !/^[0-]+$|^[f-]+$/.test(row.id),
    `id ${row.id}`,
  );
  const at = row.at.getTime();
  must(at >= from - MAX_EVENT_AGE_MS && at <= to + MAX_EVENT_FUTURE_MS, `time ${row.at.toISOString()}`);
  const { properties } = row;
  if (properties === null) return faults;
  must(typeof properties === 'object' && !Array.isArray(properties), 'properties that are not an object');
  must(Buffer.byteLength(JSON.stringify(properties)) <= 32 * 1024, 'properties of more than 32 KiB');
  const { depth, keys, isClean } = measure(properties);
  must(depth <= 16, `properties ${depth} levels deep`);
  must(keys <= 512, `properties with ${keys} keys`);
  must(isClean, 'properties with NUL, broken Unicode or a prototype');
  for (const name of ['province', 'city']) {
    const place = (properties as Record<string, unknown>)[name];
    if (typeof place === 'string')
      must(codePoints(place) <= 128 && place.trim() === place, `${name} ${place}`);
  }
  return faults;
}

function codePoints(text: string): number {
  return Array.from(text).length;
}

function measure(value: unknown): { depth: number; keys: number; isClean: boolean } {
  const isCleanText = (text: string): boolean => text.isWellFormed() && !text.includes('\0');
  if (typeof value === 'string') return { depth: 0, keys: 0, isClean: isCleanText(value) };
  if (typeof value !== 'object' || value === null) return { depth: 0, keys: 0, isClean: true };
  const isList = Array.isArray(value);
  const names = isList ? [] : Object.keys(value);
  const parts = Object.values(value).map(measure);
  return {
    depth: 1 + Math.max(0, ...parts.map(({ depth }) => depth)),
    keys: names.length + parts.reduce((sum, { keys }) => sum + keys, 0),
    isClean:
      names.every((name) => isCleanText(name) && name !== '__proto__') &&
      parts.every(({ isClean }) => isClean),
  };
}

describe('batches of fuzzed events', () => {
  const total = BATCH_RUNS * BATCHES_A_RUN * EVENTS_A_BATCH;

  it(`report ${total} events one by one and store the accepted ones within every rule`, async () => {
    await sendAndCheck(deployment.stored);
  });

  async function sendAndCheck(owner: OwnerDatabase): Promise<void> {
    // The fuzzed requests above have stored events as well.
    const before = await readLog(owner);
    let accepted = 0;
    let failed = 0;
    const from = Date.now();
    const refused = new Map<string, number>();
    const acceptedIds = new Set<string>();
    const run = fc.array(
      eventBatch(EVENTS_A_BATCH, () => startedAt),
      {
        minLength: BATCHES_A_RUN,
        maxLength: BATCHES_A_RUN,
      },
    );
    await fc.assert(
      fc.asyncProperty(run, async (batches) => {
        const verdicts = await Promise.all(batches.map((batch) => sendBatch(batch)));
        for (const [i, { verdict, batch }] of verdicts.entries()) {
          const counted = verdict.accepted + verdict.duplicates + verdict.failed;
          expect({ batch: i, counted }).toEqual({ batch: i, counted: batch.events.length });
          const rejected = verdict.rejected ?? [];
          expect(rejected).toHaveLength(verdict.failed);
          const bad = new Set(rejected.map(({ index }) => index));
          for (const { code } of rejected) refused.set(code, (refused.get(code) ?? 0) + 1);
          batch.events.forEach(({ eventId }, index) => {
            if (eventId !== undefined && !bad.has(index)) acceptedIds.add(eventId);
          });
          accepted += verdict.accepted;
          failed += verdict.failed;
        }
        memory.push(residentMib(service.pid));
      }),
      // Shrinking would add nothing to the message.
      { seed: SEED, numRuns: BATCH_RUNS, endOnFailure: true },
    );

    const rows = await readLog(owner);
    expect(rows.length - before.length).toBe(accepted);
    const faults = rows.flatMap((row) => {
      const found = faultsOfRow(row, from - 60_000, Date.now());
      return found.length === 0 ? [] : [`${found.join(', ')}: ${JSON.stringify(row).slice(0, 500)}`];
    });
    expect(faults).toEqual([]);
    const ids = new Set(rows.map(({ id }) => id));
    expect([...acceptedIds].filter((id) => !ids.has(id))).toEqual([]);
    // Some events were accepted, some were rejected, for every field.
    expect(accepted).toBeGreaterThan(total / 10);
    expect(failed).toBeGreaterThan(total / 10);
    for (const field of ['event_name', 'install_id', 'user_id', 'event_id', 'client_ts', 'properties'])
      expect([...refused.keys()]).toContain(`${field}_invalid`);
  }

  async function sendBatch(batch: SentBatch): Promise<{ batch: SentBatch; verdict: Verdict }> {
    const outcome = await client.send({
      method: 'POST',
      path: '/analytics/events',
      headers: { 'content-type': 'application/json' },
      body: batch.text,
    });
    if (outcome.failure !== undefined || outcome.status !== 200) {
      const answer = outcome.failure ?? `${outcome.status} ${outcome.text}`;
      throw new Error(`${answer} for a batch that begins ${batch.text.slice(0, 2_000)}`);
    }
    return { batch, verdict: parseObject(outcome.text) as unknown as Verdict };
  }

  async function readLog(owner: OwnerDatabase): Promise<readonly StoredRow[]> {
    const rows = await owner.rows(
      `SELECT event_id AS id, event_time AS at, user_id::text AS user_id, install_id, event_name, properties
       FROM analytics_event_log`,
    );
    return rows as unknown as readonly StoredRow[];
  }
});

describe('the service after the fuzzed requests', () => {
  it('is ready, and its log reports no unexpected error', async () => {
    const live = await client.send({ method: 'GET', path: '/health/ready' });
    expect(live).toMatchObject({ status: 200 });
    expect(service.output()).not.toMatch(/failed unexpectedly|Uncaught|Unhandled/);
  });

  it(`has grown by less than ${MAX_GROWTH_MIB} MiB in the second half, and stays below ${MAX_RSS_MIB} MiB`, () => {
    // Garbage collection makes memory oscillate, so the peaks of two quarters are compared.
    const quarter = Math.floor(memory.length / 4);
    const highest = (from: number): number => Math.max(...memory.slice(from, from + quarter));
    expect(highest(3 * quarter) - highest(quarter)).toBeLessThan(MAX_GROWTH_MIB);
    expect(Math.max(...memory)).toBeLessThan(MAX_RSS_MIB);
  });
});
