import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Limiter } from '../../../../tools/simulation/limiter.js';
import type { SimulationOptions } from '../../../../tools/simulation/options.js';
import { runSimulation, UnreachableError, type Outcome } from '../../../../tools/simulation/simulation.js';
import { FakeService, type Bug, type FakeOptions } from './fake-service.js';

const SECRET = 'a-secret-for-tests-of-the-simulator-only';
/** Three in the morning in Shanghai is still yesterday in UTC: a service that cuts days in UTC cannot hide. */
const THREE_IN_THE_MORNING = Date.parse('2025-03-10T03:00:00+08:00');

const services: FakeService[] = [];

afterEach(async () => {
  await Promise.all(services.splice(0).map((service) => service.stop()));
});

/** The real clock, moved so that it shows `atMs` now. */
function clockAt(atMs: number): () => number {
  const offsetMs = atMs - Date.now();
  return () => Date.now() + offsetMs;
}

async function startFake(options: Partial<FakeOptions> = {}): Promise<FakeService> {
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
      // Small for speed; this seed has enough of every kind for each of the faults below to show.
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

describe('a simulation', () => {
  it('agrees with a service that keeps the contract, in every number', async () => {
    const service = await startFake();
    const outcome = await simulate(service.url);
    expect(namesOf(outcome, 'wrong')).toEqual([]);
    expect(outcome.exitCode).toBe(0);
    expect(outcome.ledger.distinctGood).toBe(service.stored.size);
    expect(outcome.ledger.events.duplicates).toBeGreaterThan(0);
    expect(outcome.ledger.events.failed).toBeGreaterThan(0);
    expect(outcome.text).toContain('✓ DAU 2025-03-10 by city');
  });

  it('delivers everything to a service that is overloaded, unavailable or cut off now and then', async () => {
    const service = await startFake({ failsEvery: 9 });
    const outcome = await simulate(service.url, { options: { devices: 40 } });
    expect(namesOf(outcome, 'wrong')).toEqual([]);
    expect(outcome.exitCode).toBe(0);
    expect(outcome.ledger.events.unsent).toBe(0);
    expect(outcome.text).toMatch(/errors +.*503 × /);
  });

  it('counts what it adds to a service that holds data, and says how far the online users of before blur', async () => {
    const service = await startFake();
    await simulate(service.url);
    const outcome = await simulate(service.url, { options: { runId: 'second' } });
    expect(outcome.exitCode).toBe(0);
    expect(outcome.text).toMatch(/online now: .* more were online before/);
  });

  it('books each event into its own day when midnight in Shanghai passes', async () => {
    const now = clockAt(Date.parse('2025-03-11T00:00:00+08:00') - 100);
    const service = await startFake({ now });
    const outcome = await simulate(service.url, { now });
    expect(namesOf(outcome, 'wrong')).toEqual([]);
    expect(outcome.exitCode).toBe(0);
    expect(outcome.text).toContain('✓ DAU 2025-03-10:');
    expect(outcome.text).toContain('✓ DAU 2025-03-11:');
  });

  it('calls a past day open, not wrong, while the service has yet to calculate it anew', async () => {
    const now = clockAt(Date.parse('2025-03-11T00:00:20+08:00'));
    const service = await startFake({ now, freezesPastDays: true });
    const outcome = await simulate(service.url, { now });
    expect(namesOf(outcome, 'wrong')).toEqual([]);
    expect(namesOf(outcome, 'open')).toContain('DAU 2025-03-10');
    expect(outcome.exitCode).toBe(0);
  });

  it('stops on demand and still checks what was delivered', async () => {
    const stop = new AbortController();
    const service = await startFake({ onStored: (stored) => stored > 100 && stop.abort() });
    const outcome = await simulate(service.url, {
      options: { durationMs: 3_000, speed: 100, devices: 60 },
      stop: stop.signal,
    });
    expect(outcome.exitCode).toBe(130);
    expect(namesOf(outcome, 'wrong')).toEqual([]);
  });

  it('reports what could not be delivered', async () => {
    const service = await startFake({ failsEvery: 1 });
    const outcome = await simulate(service.url, { options: { retries: 0, devices: 20 } });
    expect(outcome.exitCode).toBe(1);
    expect(namesOf(outcome, 'wrong')).toContain('every batch delivered');
    expect(outcome.ledger.events.unsent).toBeGreaterThan(0);
  });

  it('says so when no service answers, or one that does not know the secret', async () => {
    const service = await startFake();
    await expect(simulate(service.url, { options: { jwtSecret: 'another' } })).rejects.toThrow(
      /401: --jwt-secret .* secret of the service$/,
    );
    const { url } = service;
    await service.stop();
    await expect(simulate(url)).rejects.toThrow(UnreachableError);
    await expect(simulate(url)).rejects.toThrow(/npm start/);
  });

  it('refuses to run with a clock far from that of the service', async () => {
    const service = await startFake();
    const now = clockAt(THREE_IN_THE_MORNING + 120_000);
    await expect(simulate(service.url, { now })).rejects.toThrow(/clock .* differ by -120 s/);
  });
});

describe('a simulation finds a service that', () => {
  const bugs: Readonly<Record<Bug, RegExp>> = {
    'counts duplicates twice': /^duplicates = events sent again$/,
    'stores a repeated event again': /^duplicates = events sent again$/,
    'recognises repeats by corrected time': /^duplicates = events sent again$/,
    'forgets late events': /^DAU 2025-03-10 by city$/,
    'trusts wrong clocks': /^each batch/,
    'answers before it stores': /^DAU 2025-03-10$/,
    'fails the neighbours of a bad event': /^bad events reported by index/,
    'accepts bad events': /^each batch/,
    'reports a wrong index': /^bad events reported by index/,
    'knows installs only': /^DAU 2025-03-10$/,
    'ignores the token of a batch': /^DAU 2025-03-10$/,
    'keeps one city a person': /^DAU 2025-03-10 by city$/,
    'invents a province': /^DAU 2025-03-10 by province$/,
    'cuts days in UTC': /^DAU 2025-03-10$/,
    'counts installs online': /^online now$/,
    'forgets heartbeats': /^online now$/,
    'sketches badly': /^live DAU/,
    'answers heartbeats with nothing': /^answers keep the contract$/,
  };

  const entries = Object.entries(bugs) as [Bug, RegExp][];
  const outcomes = new Map<Bug, Outcome>();

  // Most of a run is waiting, so a few share the time; more would make the machine the limit.
  beforeAll(async () => {
    const limiter = new Limiter(4);
    const runs = entries.map(([bug]) =>
      limiter.run(async () => outcomes.set(bug, await simulate((await startFake({ bug })).url))),
    );
    await Promise.all(runs);
  });

  it.each(entries)('%s', (bug, found) => {
    const outcome = outcomes.get(bug)!;
    expect(outcome.exitCode).toBe(1);
    expect(namesOf(outcome, 'wrong')).toContainEqual(expect.stringMatching(found));
  });
});
