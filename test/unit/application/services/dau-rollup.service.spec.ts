import { Logger } from '@nestjs/common';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { CalculateDauHandler } from '../../../../src/application/commands/calculate-dau/calculate-dau.handler.js';
import { DauCalculationService } from '../../../../src/domain/services/dau-calculation.service.js';
import { isFinal } from '../../../../src/shared/rules/final-hour.rule.js';
import { InMemoryActiveBits } from '../../../support/contracts/active-bits-repository/fake.js';
import { FixedClock } from '../../../support/contracts/clock/fake.js';
import { InMemoryDailyActiveStats } from '../../../support/contracts/daily-active-stats-repository/fake.js';
import type {
  CalculateDauCommand,
  CalculateDauResult,
} from '../../../../src/application/commands/calculate-dau/calculate-dau.command.js';
import {
  UniteWeeksCommand,
  type UniteWeeksResult,
} from '../../../../src/application/commands/unite-weeks/unite-weeks.command.js';
import { DauRollupService } from '../../../../src/application/services/dau-rollup.service.js';
import {
  ApplicationException,
  dependencyUnavailable,
} from '../../../../src/shared/exceptions/application.exception.js';
import { DomainException } from '../../../../src/shared/exceptions/domain.exception.js';
import { addDaysToKey } from '../../../../src/shared/utils/timezone.util.js';
import { MINUTE_MS, NOW, TODAY, YESTERDAY } from '../../../support/builders.js';
import { commandBusOf } from '../../../support/command-bus.js';
import { InMemoryDailyActives } from '../../../support/contracts/daily-actives-repository/fake.js';
import { InMemoryJobLock } from '../../../support/contracts/job-lock/fake.js';

Logger.overrideLogger(false);

const ACTIVES_MISSING = new DomainException('actives_missing', { detail: 'The active set is empty' });
const AWAY = dependencyUnavailable('database', new Error('connection refused'));
const BUSY = new ApplicationException('builds_busy');
const TOO_SLOW = new ApplicationException('database_too_slow');

let failures: Map<string, Error>;
let keptDays: Set<string>;
let calculated: { readonly day: string; readonly unlessSince: Date | undefined }[];
let attempted: string[];
let actives: InMemoryDailyActives;
let bits: InMemoryActiveBits;
let lock: InMemoryJobLock;
let clock: FixedClock;
/** Duration of each attempt. */
let attemptMs: number;
let uniteWeeks: (command: UniteWeeksCommand) => Promise<UniteWeeksResult>;
let rollup: DauRollupService;

beforeEach(() => {
  failures = new Map();
  keptDays = new Set();
  uniteWeeks = () => Promise.resolve({ weeks: [] });
  calculated = [];
  attempted = [];
  actives = new InMemoryDailyActives();
  bits = new InMemoryActiveBits(actives);
  lock = new InMemoryJobLock();
  clock = new FixedClock();
  attemptMs = 0;
  rollup = new DauRollupService(
    commandBusOf(async (command: CalculateDauCommand | UniteWeeksCommand) => {
      if (command instanceof UniteWeeksCommand) return uniteWeeks(command);
      const { day, unlessCalculatedSince } = command;
      attempted.push(day);
      clock.advance(attemptMs);
      const failure = failures.get(day);
      if (failure !== undefined) throw failure;
      calculated.push({ day, unlessSince: unlessCalculatedSince });
      const result: CalculateDauResult = { day, dauCount: 1, version: 1, calculated: true };
      return keptDays.has(day) ? { ...result, calculated: false, kept: true } : result;
    }),
    actives,
    bits,
    lock,
    clock,
  );
});

describe('calculateDue', () => {
  it('calculates the day of Shanghai while UTC still has yesterday', async () => {
    await rollup.calculateDue(NOW);
    expect(calculated.map(({ day }) => day)).toEqual([TODAY]);
  });

  it('calculates today first, then every past day that is due, oldest first', async () => {
    for (const day of [YESTERDAY, '2025-01-10', '2025-01-12']) actives.mark(day);
    await rollup.calculateDue(NOW);
    expect(calculated.map(({ day }) => day)).toEqual([TODAY, '2025-01-10', '2025-01-12', YESTERDAY]);
  });

  it.each(['00:00:00.250', '00:59:59.999'])('calculates yesterday at %s: it is not final', async (time) => {
    actives.mark('2025-01-10');
    await rollup.calculateDue(new Date(`2025-01-15T${time}+08:00`));
    const unlessSince = new Date('2025-01-15T00:00:00+08:00');
    expect(calculated).toEqual([
      { day: TODAY, unlessSince },
      { day: YESTERDAY, unlessSince },
      { day: '2025-01-10', unlessSince: undefined },
    ]);
  });

  it('calculates yesterday once before 01:00 when it gained events, whatever its last calculation', async () => {
    actives.mark(YESTERDAY);
    await rollup.calculateDue(new Date('2025-01-15T00:00:00.250+08:00'));
    expect(calculated.slice(1)).toEqual([{ day: YESTERDAY, unlessSince: undefined }]);
  });

  it('leaves yesterday from 01:00 on to the run that makes it final', async () => {
    await rollup.calculateDue(new Date('2025-01-15T01:00:00+08:00'));
    expect(calculated.map(({ day }) => day)).toEqual([TODAY]);
  });

  it('trap 9: skips today when another replica calculated it in the same tick', async () => {
    await rollup.calculateDue(new Date('2025-01-15T10:00:00.250+08:00'));
    expect(calculated).toEqual([{ day: TODAY, unlessSince: new Date('2025-01-15T10:00:00+08:00') }]);
  });

  it('calculates a due day whatever its last calculation', async () => {
    actives.mark(YESTERDAY);
    await rollup.calculateDue(NOW);
    expect(calculated[1]).toEqual({ day: YESTERDAY, unlessSince: undefined });
  });

  it('calculates at most 31 past days in one run', async () => {
    for (let n = 1; n <= 40; n++) actives.mark(addDaysToKey(TODAY, -n));
    await rollup.calculateDue(NOW);
    expect(calculated).toHaveLength(32);
    expect(calculated[0]?.day).toBe(TODAY);
    expect(calculated[1]?.day).toBe(addDaysToKey(TODAY, -40));
  });

  it('reaches every other day when 31 old days fail in each run', async () => {
    for (let n = 1; n <= 40; n++) actives.mark(addDaysToKey(TODAY, -n));
    for (let n = 10; n <= 40; n++) failures.set(addDaysToKey(TODAY, -n), ACTIVES_MISSING);
    for (let run = 1; run <= 2; run++) await rollup.calculateDue(NOW).catch(() => undefined);
    const others = Array.from({ length: 9 }, (_, n) => addDaysToKey(TODAY, n - 9));
    expect(calculated.map(({ day }) => day)).toEqual([TODAY, TODAY, ...others]);
    // Days that failed are tried again with what is left of a run.
    failures.clear();
    calculated = [];
    await rollup.calculateDue(NOW);
    expect(calculated.slice(1, 11).map(({ day }) => day)).toEqual([...others, addDaysToKey(TODAY, -40)]);
    expect(calculated).toHaveLength(32);
  });

  it('trap 9: does nothing while another replica holds the lock', async () => {
    lock.heldElsewhere.add('dau-rollup');
    await rollup.calculateDue(NOW);
    expect(calculated).toEqual([]);
  });

  it.each([
    ['cannot be counted', ACTIVES_MISSING],
    ['takes the database too long', TOO_SLOW],
  ])('calculates the other days when one %s, and fails at the end', async (_, failure) => {
    for (const day of ['2025-01-10', '2025-01-12']) actives.mark(day);
    bits.unbuilt = ['2018-11-01', '2018-11-02'];
    for (const day of ['2025-01-10', '2018-11-01']) failures.set(day, failure);
    await expect(rollup.calculateDue(NOW)).rejects.toThrow(AggregateError);
    expect(calculated.map(({ day }) => day)).toEqual([TODAY, '2025-01-12', '2018-11-02']);
  });

  it.each([
    ['the database is unavailable', AWAY],
    ['the builds are busy, which every day waits for', BUSY],
  ])('stops at once when %s', async (_, failure) => {
    for (const day of ['2025-01-10', '2025-01-12']) actives.mark(day);
    failures.set('2025-01-10', failure);
    await expect(rollup.calculateDue(NOW)).rejects.toBe(failure);
    expect(attempted).toEqual([TODAY, '2025-01-10']);
    // A day that ends each run, as by the memory that it takes, comes after the others.
    await expect(rollup.calculateDue(NOW)).rejects.toBe(failure);
    expect(attempted.slice(2)).toEqual([TODAY, '2025-01-12', '2025-01-10']);
  });

  it('stops at once when the builds are busy for a day without bits', async () => {
    bits.unbuilt = ['2018-11-01', '2018-11-02'];
    failures.set('2018-11-01', BUSY);
    await expect(rollup.calculateDue(NOW)).rejects.toBe(BUSY);
    expect(attempted).toEqual([TODAY, '2018-11-01']);
  });

  it('begins nothing after 40 minutes, and goes on in the next hour', async () => {
    const due = Array.from({ length: 5 }, (_, n) => addDaysToKey(TODAY, n - 5));
    const untils: number[] = [];
    uniteWeeks = ({ untilMs }) => {
      untils.push(untilMs);
      return Promise.resolve({ weeks: [] });
    };
    for (const day of due) actives.mark(day);
    bits.unbuilt = ['2018-11-01', '2018-11-02'];
    for (const day of due) failures.set(day, TOO_SLOW);
    attemptMs = 10 * MINUTE_MS;
    await expect(rollup.calculateDue(NOW)).rejects.toThrow(AggregateError);
    expect(attempted).toEqual([TODAY, ...due.slice(0, 3)]);
    attempted = [];
    await expect(rollup.calculateDue(NOW)).rejects.toThrow(AggregateError);
    expect(attempted).toEqual([TODAY, ...due.slice(3), due[0]]);
    expect(untils).toEqual([]);

    actives.findDueDays = () => Promise.resolve([]);
    bits.unbuilt = ['2018-11-01', '2018-11-02', '2018-11-03', '2018-11-04', '2018-11-05'];
    attempted = [];
    await rollup.calculateDue(NOW);
    expect(attempted).toEqual([TODAY, '2018-11-01', '2018-11-02', '2018-11-03']);

    [attempted, bits.unbuilt] = [[], []];
    const startedMs = clock.elapsedMs();
    await rollup.calculateDue(NOW);
    expect(untils).toEqual([startedMs + 40 * MINUTE_MS]);
  });

  it('builds the bits of past days that have figures and no bits, after the days that are due', async () => {
    actives.mark(YESTERDAY);
    bits.unbuilt = ['2018-11-01', '2018-11-02', TODAY];
    await rollup.calculateDue(NOW);
    expect(calculated.map(({ day }) => day)).toEqual([TODAY, YESTERDAY, '2018-11-01', '2018-11-02']);
  });

  it('reaches every other day when 31 old days stay due, because their active sets were dropped', async () => {
    for (let n = 1; n <= 40; n++) actives.mark(addDaysToKey(TODAY, -n));
    for (let n = 10; n <= 40; n++) keptDays.add(addDaysToKey(TODAY, -n));
    await rollup.calculateDue(NOW);
    calculated = [];
    await rollup.calculateDue(NOW);
    const others = Array.from({ length: 9 }, (_, n) => addDaysToKey(TODAY, n - 9));
    expect(calculated.slice(1, 10).map(({ day }) => day)).toEqual(others);
  });

  it('builds the bits of every other day when those of 31 days fail in each run', async () => {
    bits.unbuilt = Array.from({ length: 40 }, (_, n) => addDaysToKey(TODAY, n - 40));
    for (const day of bits.unbuilt.slice(0, 31)) failures.set(day, TOO_SLOW);
    for (let run = 1; run <= 2; run++) await rollup.calculateDue(NOW).catch(() => undefined);
    expect(calculated.map(({ day }) => day)).toEqual([TODAY, TODAY, ...bits.unbuilt.slice(31)]);
  });

  it('unites a quarter of weeks at most, after all days', async () => {
    const asked: { readonly limit: number; readonly afterDays: number }[] = [];
    uniteWeeks = ({ limit }) => {
      asked.push({ limit, afterDays: calculated.length });
      return Promise.resolve({ weeks: ['2025-01-06'] });
    };
    actives.mark(YESTERDAY);
    await rollup.calculateDue(NOW);
    expect(asked).toEqual([{ limit: 13, afterDays: 2 }]);
  });

  it('calculates all days when no week can be united, and fails at the end', async () => {
    actives.mark(YESTERDAY);
    uniteWeeks = () => Promise.reject(new Error('a week is broken'));
    await expect(rollup.calculateDue(NOW)).rejects.toThrow('a week is broken');
    expect(calculated.map(({ day }) => day)).toEqual([TODAY, YESTERDAY]);
  });

  it('fails when it cannot read the due days', async () => {
    actives.failure = new Error('away');
    await expect(rollup.calculateDue(NOW)).rejects.toThrow('away');
  });
});

describe('calculateYesterday', () => {
  it('trap 1: calculates the day that ended an hour ago at 01:00 in Shanghai', async () => {
    await rollup.calculateYesterday(new Date('2025-01-15T01:00:00+08:00'));
    expect(calculated).toEqual([{ day: YESTERDAY, unlessSince: new Date('2025-01-15T01:00:00+08:00') }]);
  });

  it.each([
    ['2025-01-01T01:00:00+08:00', '2024-12-31'],
    ['2024-03-01T01:00:00+08:00', '2024-02-29'],
  ])('calculates at %s the day %s', async (now, day) => {
    await rollup.calculateYesterday(new Date(now));
    expect(calculated.map((calculation) => calculation.day)).toEqual([day]);
  });

  it('recalculates provisional stats from before 01:00', async () => {
    await rollup.calculateYesterday(new Date('2025-01-15T01:00:02+08:00'));
    expect(calculated[0]?.unlessSince).toEqual(new Date('2025-01-15T01:00:00+08:00'));
  });

  it('trap 9: does nothing while another replica holds the lock', async () => {
    lock.heldElsewhere.add('dau-yesterday');
    await rollup.calculateYesterday(NOW);
    expect(calculated).toEqual([]);
  });
});

describe('a run of 01:00 at another time, as by a machine whose clock is wrong', () => {
  let stats: InMemoryDailyActiveStats;

  beforeEach(() => {
    stats = new InMemoryDailyActiveStats();
    const handler = new CalculateDauHandler(clock, actives, bits, stats, new DauCalculationService());
    rollup = new DauRollupService(
      commandBusOf((command: CalculateDauCommand) => handler.execute(command)),
      actives,
      bits,
      lock,
      clock,
    );
    actives.add(YESTERDAY, 'u:1');
  });

  const final = async (): Promise<boolean> => {
    const stored = await stats.findByDate(YESTERDAY);
    return stored !== null && isFinal(YESTERDAY, stored.calculatedAt);
  };

  it.each(['00:00:00.000', '00:00:00.050', '00:59:59.950'])('makes no day final at %s', async (time) => {
    clock.set(`2025-01-15T${time}+08:00`);
    await rollup.calculateYesterday(clock.now());
    expect(await final()).toBe(false);
    // Events of the hour before 01:00 still count for the day.
    actives.add(YESTERDAY, 'u:2');
    clock.set('2025-01-15T01:00:00+08:00');
    await rollup.calculateYesterday(clock.now());
    expect(await final()).toBe(true);
    expect((await stats.findByDate(YESTERDAY))?.dauCount).toBe(2);
  });

  it('calculates the day before again, and today never, shortly before midnight', async () => {
    clock.set('2025-01-14T23:59:59.950+08:00');
    await rollup.calculateYesterday(clock.now());
    expect(await stats.findByDate(YESTERDAY)).toBeNull();
  });

  it('changes nothing at 02:00 when another replica has run at 01:00', async () => {
    clock.set('2025-01-15T01:00:00+08:00');
    await rollup.calculateYesterday(clock.now());
    clock.set('2025-01-15T02:00:00+08:00');
    await rollup.calculateYesterday(clock.now());
    expect((await stats.findByDate(YESTERDAY))?.version).toBe(1);
  });
});
