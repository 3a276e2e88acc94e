import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { ConcurrencyLimiter } from '../../../../tools/simulation/delivery/concurrency-limiter.js';
import type { SimulationOptions } from '../../../../tools/simulation/options.js';
import { runSimulation, type Outcome } from '../../../../tools/simulation/simulation.js';
import { UnreachableError } from '../../../../tools/simulation/verification/dashboard-observer.js';
import type { SeededFault } from './fake-analytics.js';
import { SPAN_FAULTS } from './fake-spans.js';
import { FakeService, type FakeServiceOptions } from './fake-service.js';

const SECRET = 'a-secret-for-tests-of-the-simulator-only';
/** An instant whose day in Shanghai differs from its day in UTC, so that cutting days in UTC shows. */
const THREE_IN_THE_MORNING = Date.parse('2025-03-10T03:00:00+08:00');
/** An instant whose backlog of half an hour lies on two days, so that figures over several days show. */
const TEN_PAST_MIDNIGHT = Date.parse('2025-03-10T00:10:00+08:00');
const isSpanFault = (fault: SeededFault): boolean => (SPAN_FAULTS as readonly string[]).includes(fault);

const services: FakeService[] = [];

afterEach(async () => {
  await Promise.all(services.splice(0).map((service) => service.stop()));
});

/** Returns the real clock, shifted so that it shows `atMs` now. */
function clockAt(atMs: number): () => number {
  const offsetMs = atMs - Date.now();
  return () => Date.now() + offsetMs;
}

async function startFake(options: Partial<FakeServiceOptions> = {}): Promise<FakeService> {
  const service = await FakeService.start({ now: clockAt(THREE_IN_THE_MORNING), secret: SECRET, ...options });
  services.push(service);
  return service;
}

interface Setting {
  readonly options?: Partial<SimulationOptions>;
  readonly now?: () => number;
  readonly stop?: AbortSignal;
}

async function simulate(url: URL, setting: Setting = {}): Promise<Outcome & { readonly text: string }> {
  const written: string[] = [];
  const outcome = await runSimulation(
    {
      url,
      devices: 80,
      durationMs: 150,
      speed: 400,
      // The run is small for speed; with this seed every fault below still shows.
      seed: '7',
      runId: 'unit',
      concurrency: 32,
      timeoutMs: 5_000,
      retries: 6,
      loss: 0.15,
      drainMs: 5_000,
      settleMs: 50,
      jwtSecret: SECRET,
      adminRole: 'admin',
      ...setting.options,
    },
    {
      now: setting.now ?? clockAt(THREE_IN_THE_MORNING),
      output: { isTTY: false, write: (text) => written.push(text) },
      stop: setting.stop ?? new AbortController().signal,
    },
  );
  return { ...outcome, text: written.join('') };
}

function namesOf({ checks }: Outcome, verdict: 'wrong' | 'open'): string[] {
  return checks.filter((check) => check.verdict === verdict).map(({ name }) => name);
}

describe('runSimulation', () => {
  it('finds every figure right for a service that keeps the contract', async () => {
    const service = await startFake();
    const outcome = await simulate(service.url);
    expect(namesOf(outcome, 'wrong')).toEqual([]);
    expect(outcome.exitCode).toBe(0);
    expect(outcome.ledger.distinctGood).toBe(service.analytics.stored.size);
    expect(outcome.ledger.events.duplicates).toBeGreaterThan(0);
    expect(outcome.ledger.events.failed).toBeGreaterThan(0);
    expect(outcome.text).toContain('✓ DAU 2025-03-10 by city');
    for (const name of [
      'active users of spans',
      'rolling active users',
      'lifecycle',
      'retention',
      'online by day',
    ])
      expect(outcome.text).toContain(`✓ ${name}`);
  });

  it('delivers every message to a service that sometimes answers 429 or 503 or drops the connection', async () => {
    const service = await startFake({ failsEvery: 9 });
    const outcome = await simulate(service.url, { options: { devices: 40 } });
    expect(namesOf(outcome, 'wrong')).toEqual([]);
    expect(outcome.exitCode).toBe(0);
    expect(outcome.ledger.events.unsent).toBe(0);
    expect(outcome.text).toMatch(/errors +.*503 × /);
  });

  it('checks the gains of a service that holds data, and reports the online users from before the run', async () => {
    const service = await startFake();
    await simulate(service.url);
    const outcome = await simulate(service.url, { options: { runId: 'second' } });
    expect(outcome.exitCode).toBe(0);
    expect(outcome.text).toMatch(/online now: .* more were online before/);
  });

  it('expects each event on its own day when a run passes midnight in Shanghai', async () => {
    const now = clockAt(Date.parse('2025-03-11T00:00:00+08:00') - 100);
    const service = await startFake({ now });
    const outcome = await simulate(service.url, { now });
    expect(namesOf(outcome, 'wrong')).toEqual([]);
    expect(outcome.exitCode).toBe(0);
    expect(outcome.text).toContain('✓ DAU 2025-03-10:');
    expect(outcome.text).toContain('✓ DAU 2025-03-11:');
  });

  it('reports a past day as open while the service has not recalculated it', async () => {
    const now = clockAt(Date.parse('2025-03-11T00:00:20+08:00'));
    const service = await startFake({ now, freezesPastDays: true });
    const outcome = await simulate(service.url, { now });
    expect(namesOf(outcome, 'wrong')).toEqual([]);
    expect(namesOf(outcome, 'open')).toEqual(expect.arrayContaining(['DAU 2025-03-10', 'retention']));
    expect(outcome.exitCode).toBe(0);
  });

  it('stops on demand and still checks the delivered messages', async () => {
    const stop = new AbortController();
    const service = await startFake({ onStored: (stored) => stored > 100 && stop.abort() });
    const outcome = await simulate(service.url, {
      options: { durationMs: 3_000, speed: 100, devices: 60 },
      stop: stop.signal,
    });
    expect(outcome.exitCode).toBe(130);
    expect(namesOf(outcome, 'wrong')).toEqual([]);
  });

  it('exits with 1 and reports undelivered batches', async () => {
    const service = await startFake({ failsEvery: 1 });
    const outcome = await simulate(service.url, { options: { retries: 0, devices: 20 } });
    expect(outcome.exitCode).toBe(1);
    expect(namesOf(outcome, 'wrong')).toContain('every batch delivered');
    expect(outcome.ledger.events.unsent).toBeGreaterThan(0);
  });

  it('throws UnreachableError with a hint for a wrong secret and for a service that is not running', async () => {
    const service = await startFake();
    await expect(simulate(service.url, { options: { jwtSecret: 'another' } })).rejects.toThrow(
      /401: --jwt-secret .* secret of the service$/,
    );
    const { url } = service;
    await service.stop();
    await expect(simulate(url)).rejects.toThrow(UnreachableError);
    await expect(simulate(url)).rejects.toThrow(/npm start/);
  });

  it('throws UnreachableError when the clocks differ by more than a minute', async () => {
    const service = await startFake();
    const now = clockAt(THREE_IN_THE_MORNING + 120_000);
    await expect(simulate(service.url, { now })).rejects.toThrow(/clock .* differ by -120 s/);
  });
});

describe('runSimulation against a service with a seeded fault', () => {
  const checkThatFails: Readonly<Record<SeededFault, RegExp>> = {
    'counts duplicates twice': /^duplicates = events sent again$/,
    'stores a repeated event again': /^duplicates = events sent again$/,
    'deduplicates by corrected time': /^duplicates = events sent again$/,
    'drops late events': /^DAU 2025-03-10 by city$/,
    'trusts wrong device clocks': /^each batch/,
    'answers before it stores': /^DAU 2025-03-10$/,
    'fails the neighbours of a bad event': /^bad events reported by index/,
    'accepts bad events': /^each batch/,
    'reports a wrong index': /^bad events reported by index/,
    'ignores user ids': /^DAU 2025-03-10$/,
    'ignores the token of a batch': /^DAU 2025-03-10$/,
    'keeps one city per identity': /^DAU 2025-03-10 by city$/,
    'adds an unknown province': /^DAU 2025-03-10 by province$/,
    'keeps the spellings of places': /^DAU 2025-03-10 by province$/,
    'cuts days in UTC': /^DAU 2025-03-10$/,
    'counts installs online': /^online now$/,
    'drops heartbeats': /^online now$/,
    'overestimates the live DAU': /^live DAU/,
    'answers heartbeats with an empty object': /^answers keep the contract$/,
    'adds up the days of a span': /^active users of spans$/,
    'counts everybody of a span as new': /^active users of spans$/,
    'ignores a filter by province': /^active users of spans$/,
    'ignores a filter by city': /^rolling active users$/,
    'keeps the last window of days as it was': /^rolling active users$/,
    'counts all who return as resurrected': /^lifecycle$/,
    'retains nobody': /^retention$/,
    'loses minutes of snapshots': /^online by day$/,
  };

  const entries = Object.entries(checkThatFails) as [SeededFault, RegExp][];
  const outcomes = new Map<SeededFault, Outcome>();

  // A run mostly waits, so four run at once; more would make the CPU the bottleneck.
  beforeAll(async () => {
    const limiter = new ConcurrencyLimiter(4);
    const runs = entries.map(([fault]) =>
      limiter.run(async () => {
        const now = clockAt(isSpanFault(fault) ? TEN_PAST_MIDNIGHT : THREE_IN_THE_MORNING);
        outcomes.set(fault, await simulate((await startFake({ fault, now })).url, { now }));
      }),
    );
    await Promise.all(runs);
  }, 180_000);

  it.each(entries)('detects a service that %s', (fault, checkName) => {
    const outcome = outcomes.get(fault)!;
    expect(outcome.exitCode).toBe(1);
    expect(namesOf(outcome, 'wrong')).toContainEqual(expect.stringMatching(checkName));
  });
});
