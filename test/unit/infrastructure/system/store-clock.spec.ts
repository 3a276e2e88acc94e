import { Logger } from '@nestjs/common';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { StoreClock } from '../../../../src/infrastructure/system/store-clock.js';
import { metricsRegistry } from '../../../../src/shared/metrics/metrics.js';

const HOUR_MS = 3_600_000;
const T = Date.parse('2025-01-15T04:00:00Z');

/** A machine and two stores, whose clocks the test sets. */
class World {
  monotonicMs = 1000;
  wallMs = T;
  readonly redis = new FakeStore('Redis', this);
  readonly postgres = new FakeStore('PostgreSQL', this);
  readonly clock = new StoreClock([this.redis, this.postgres], {
    wallMs: () => this.wallMs,
    monotonicMs: () => this.monotonicMs,
  });

  elapse(milliseconds: number): void {
    this.monotonicMs += milliseconds;
    this.wallMs += milliseconds;
    this.redis.timeMs += milliseconds;
    this.postgres.timeMs += milliseconds;
  }
}

class FakeStore {
  timeMs = T;
  /** null while the store does not answer */
  roundTripMs: number | null = 2;
  reads = 0;

  constructor(
    readonly name: string,
    private readonly world: World,
  ) {}

  async readMs(): Promise<number> {
    this.reads++;
    if (this.roundTripMs === null) throw new Error(`${this.name} is unavailable`);
    this.world.elapse(this.roundTripMs / 2);
    const { timeMs } = this;
    this.world.elapse(this.roundTripMs / 2);
    return timeMs;
  }
}

let world: World;
const differenceMs = (store: FakeStore): number => Math.abs(world.clock.now().getTime() - store.timeMs);
async function offset(): Promise<number> {
  const text = await metricsRegistry.getSingleMetricAsString('analytics_clock_offset_seconds');
  return Number(/^analytics_clock_offset_seconds (\S+)$/m.exec(text)?.[1]);
}

beforeEach(() => {
  world = new World();
  Logger.overrideLogger(false);
});

afterEach(() => {
  world.clock.onApplicationShutdown();
  jest.restoreAllMocks();
});

describe('the time', () => {
  it.each([HOUR_MS, -HOUR_MS, 90 * 24 * HOUR_MS, 700])(
    'is the store’s when the machine is %i ms off',
    async (off) => {
      world.wallMs += off;
      await world.clock.measure();
      expect(differenceMs(world.redis)).toBeLessThanOrEqual(1);
      world.elapse(9_000);
      expect(differenceMs(world.redis)).toBeLessThanOrEqual(1);
    },
  );

  it.each([HOUR_MS, -HOUR_MS])(
    'stays when the clock of the machine steps by %i ms while it runs',
    async (step) => {
      await world.clock.measure();
      world.wallMs += step;
      expect(differenceMs(world.redis)).toBeLessThanOrEqual(1);
      await world.clock.measure();
      expect(differenceMs(world.redis)).toBeLessThanOrEqual(1);
    },
  );

  it.each([HOUR_MS, -HOUR_MS])('follows the store when its clock steps by %i ms', async (step) => {
    await world.clock.measure();
    world.redis.timeMs += step;
    await world.clock.measure();
    expect(differenceMs(world.redis)).toBeLessThanOrEqual(1);
  });

  it('is that of the machine until a store has answered', async () => {
    world.redis.roundTripMs = null;
    world.postgres.roundTripMs = null;
    world.wallMs += 1234;
    await world.clock.measure();
    expect(world.clock.now().getTime()).toBe(world.wallMs);
    expect(world.clock.isMeasured).toBe(false);
  });

  it('goes on from the last measurement while the store does not answer', async () => {
    world.wallMs += HOUR_MS;
    await world.clock.measure();
    world.redis.roundTripMs = null;
    world.postgres.timeMs -= 2 * HOUR_MS;
    world.elapse(HOUR_MS);
    await world.clock.measure();
    expect(differenceMs(world.redis)).toBeLessThanOrEqual(1);
  });

  it('is PostgreSQL’s where Redis has never answered, and Redis’s from its first answer', async () => {
    world.redis.roundTripMs = null;
    world.postgres.timeMs -= HOUR_MS;
    await world.clock.measure();
    expect(differenceMs(world.postgres)).toBeLessThanOrEqual(1);
    world.redis.roundTripMs = 2;
    await world.clock.measure();
    expect(differenceMs(world.redis)).toBeLessThanOrEqual(1);
  });

  it('counts half of the round trip', async () => {
    world.redis.roundTripMs = 300;
    world.wallMs += HOUR_MS;
    await world.clock.measure();
    expect(differenceMs(world.redis)).toBeLessThanOrEqual(1);
  });

  it('does not tremble with small differences or vague readings', async () => {
    await world.clock.measure();
    const before = world.clock.now().getTime() - world.monotonicMs;
    world.redis.timeMs += 80;
    await world.clock.measure();
    world.redis.roundTripMs = 1_900;
    world.redis.timeMs += 5_000;
    await world.clock.measure();
    expect(world.clock.now().getTime() - world.monotonicMs).toBe(before);
  });

  it('measures durations that no step changes', async () => {
    const start = world.clock.elapsedMs();
    world.wallMs += HOUR_MS;
    await world.clock.measure();
    world.elapse(500);
    expect(world.clock.elapsedMs() - start).toBe(502);
  });
});

describe('a clock of the machine that is off', () => {
  it.each([
    [3_600, true],
    [-3_600, true],
    [5.1, true],
    [4.9, false],
    [-4.9, false],
    [0, false],
  ])('is published: %d s ahead, off: %s', async (seconds, off) => {
    world.wallMs += seconds * 1000;
    await world.clock.measure();
    expect(world.clock.isOff).toBe(off);
    expect(await offset()).toBeCloseTo(seconds, 2);
  });

  it('is logged once, and once more when it agrees again', async () => {
    const warn = jest.spyOn(Logger.prototype, 'warn').mockReturnValue();
    const log = jest.spyOn(Logger.prototype, 'log').mockReturnValue();
    world.wallMs += HOUR_MS;
    await world.clock.measure();
    await world.clock.measure();
    expect(warn.mock.calls).toEqual([[expect.stringContaining('3600.0 s ahead of Redis; 5 s are allowed')]]);
    world.wallMs -= HOUR_MS;
    await world.clock.measure();
    expect(log.mock.calls).toEqual([['The clock of this machine agrees with Redis again']]);
    expect(world.clock.isOff).toBe(false);
  });

  it('is not known while no store answers', async () => {
    world.redis.roundTripMs = null;
    world.postgres.roundTripMs = null;
    world.wallMs += HOUR_MS;
    await world.clock.measure();
    expect(world.clock.isOff).toBe(false);
  });
});

describe('the measurements', () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });

  afterEach(() => {
    jest.useRealTimers();
  });

  it('are repeated every ten seconds, every second until the first answer, and end with the service', async () => {
    world.redis.roundTripMs = null;
    world.postgres.roundTripMs = null;
    world.clock.onModuleInit();
    await jest.advanceTimersByTimeAsync(3_000);
    expect(world.redis.reads).toBe(3);
    world.redis.roundTripMs = 2;
    await jest.advanceTimersByTimeAsync(1_000);
    expect(world.redis.reads).toBe(4);
    await jest.advanceTimersByTimeAsync(20_000);
    expect(world.redis.reads).toBe(6);
    world.clock.onApplicationShutdown();
    await jest.advanceTimersByTimeAsync(60_000);
    expect(world.redis.reads).toBe(6);
  });

  it('give up a store that stays silent', async () => {
    world.redis.readMs = () => new Promise(() => undefined);
    const measured = world.clock.measure();
    await jest.advanceTimersByTimeAsync(1_000);
    await measured;
    expect(differenceMs(world.postgres)).toBeLessThanOrEqual(1);
  });
});
