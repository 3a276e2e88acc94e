import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import type { QueryBus } from '@nestjs/cqrs';
import { GetOnlineCountQuery } from '../../../../src/application/queries/get-online-count/get-online-count.query.js';
import {
  GetReadinessQuery,
  type Readiness,
} from '../../../../src/application/queries/get-readiness/get-readiness.query.js';
import { GetRealtimeDauQuery } from '../../../../src/application/queries/get-realtime-dau/get-realtime-dau.query.js';
import type { LiveEvent } from '../../../../src/application/queries/watch-figures/watch-figures.query.js';
import { LiveFigures } from '../../../../src/application/services/live-figures.service.js';
import { ApplicationException } from '../../../../src/shared/exceptions/application.exception.js';
import { FixedClock } from '../../../support/contracts/clock/fake.js';

Logger.overrideLogger(false);

const READY: Readiness = { status: 'ok', dependencies: { database: 'up' }, clock: 'ok' };
/** 10:00:02 in Shanghai; the tick before it is that of 10:00:00. */
const START = '2025-01-15T10:00:02.000+08:00';
const FIRST_TICK = Date.parse('2025-01-15T10:00:00+08:00') / 1000;

let clock: FixedClock;
let figures: LiveFigures;
let online: number | Error | 'silent';
let dau: number | Error;
let readiness: Readiness;
let asked: string[];

beforeEach(() => {
  jest.useFakeTimers();
  clock = new FixedClock(START);
  online = 7;
  dau = 100;
  readiness = READY;
  asked = [];
  figures = new LiveFigures(clock, { execute: answer } as unknown as QueryBus);
});

afterEach(() => {
  jest.useRealTimers();
});

async function answer(query: object): Promise<unknown> {
  asked.push(query.constructor.name);
  if (query instanceof GetReadinessQuery) return readiness;
  const value = query instanceof GetOnlineCountQuery ? online : dau;
  if (value === 'silent') return new Promise(() => undefined);
  if (value instanceof Error) throw value;
  const queriedAt = clock.now();
  if (query instanceof GetRealtimeDauQuery)
    return { day: '2025-01-15', dauCount: value, method: 'hyperloglog', standardError: 0.0081, queriedAt };
  return { count: value, windowSeconds: 180, queriedAt };
}

function watch(afterTick: number | null = null): { events: LiveEvent[]; stop: () => void } {
  const events: LiveEvent[] = [];
  return { events, stop: figures.subscribe(afterTick, (event) => events.push(event)) };
}

/** Lets time pass for the timers and for the clock. */
async function elapse(seconds: number): Promise<void> {
  for (let passed = 0; passed < seconds * 1000; passed += 250) {
    clock.advance(250);
    await jest.advanceTimersByTimeAsync(250);
  }
}

const names = (events: readonly LiveEvent[]): string[] => events.map(({ name }) => name);
const ticks = (events: readonly LiveEvent[]): number[] =>
  events.flatMap((event) => (event.name === 'online' ? [event.tick] : []));
const lastStatus = (events: readonly LiveEvent[]) =>
  events.findLast((event) => event.name === 'status')?.data;

describe('LiveFigures', () => {
  it('reads at once for the first watcher, and then at every multiple of five seconds', async () => {
    const { events } = watch();
    await elapse(1);
    expect(names(events).sort()).toEqual(['dau', 'online', 'status']);
    await elapse(11);
    expect(ticks(events)).toEqual([FIRST_TICK, FIRST_TICK + 5, FIRST_TICK + 10]);
    expect(lastStatus(events)).toEqual({ ...READY, figures: { online: 'ok', dau: 'ok' } });
  });

  it('sends the DAU and the status only when they change', async () => {
    const { events } = watch();
    await elapse(11);
    expect(names(events).filter((name) => name !== 'online')).toHaveLength(2);
    dau = 101;
    readiness = { ...READY, status: 'degraded', dependencies: { database: 'up', redis: 'down' } };
    await elapse(5);
    expect(events.filter(({ name }) => name === 'dau').at(-1)).toMatchObject({ data: { dauCount: 101 } });
    expect(lastStatus(events)).toMatchObject({ status: 'degraded', dependencies: { redis: 'down' } });
    expect(names(events).filter((name) => name !== 'online')).toHaveLength(4);
  });

  it('has one reader for any number of watchers, which rests once the last one has left', async () => {
    const watchers = Array.from({ length: 100 }, () => watch());
    await elapse(4);
    expect(asked).toHaveLength(6);
    for (const { stop } of watchers.slice(1)) stop();
    await elapse(5);
    expect(asked).toHaveLength(9);
    watchers[0]?.stop();
    watchers[0]?.stop();
    await elapse(60);
    expect(asked).toHaveLength(9);
    expect(jest.getTimerCount()).toBe(0);
    watch();
    await elapse(1);
    expect(asked).toHaveLength(12);
  });

  it('sends a second watcher what is known, without a reading', async () => {
    watch();
    await elapse(1);
    asked = [];
    const { events } = watch();
    expect(names(events)).toEqual(['status', 'dau', 'online']);
    expect(asked).toEqual([]);
  });

  it('sends nothing of the time before to a first watcher', async () => {
    const first = watch();
    await elapse(1);
    first.stop();
    await elapse(600);
    expect(watch().events).toEqual([]);
    expect(watch(FIRST_TICK - 5).events.filter(({ name }) => name !== 'online')).toEqual([]);
  });

  it('repeats to a returning watcher the readings that it missed, of five minutes at most', async () => {
    const { stop } = watch();
    await elapse(21);
    expect(ticks(watch(FIRST_TICK + 5).events)).toEqual([FIRST_TICK + 10, FIRST_TICK + 15, FIRST_TICK + 20]);
    expect(ticks(watch(FIRST_TICK + 20).events)).toEqual([]);
    await elapse(600);
    expect(ticks(watch(FIRST_TICK).events)).toHaveLength(60);
    stop();
  });

  it('sends the present reading to a watcher whose last tick lies ahead', async () => {
    watch();
    await elapse(1);
    expect(ticks(watch(FIRST_TICK + 1_000_000).events)).toEqual([FIRST_TICK]);
  });

  it('names a figure that is unavailable, and sends it again when it is back', async () => {
    online = new ApplicationException('redis_unavailable');
    dau = new ApplicationException('realtime_dau_unverified');
    const { events } = watch();
    await elapse(1);
    expect(names(events)).toEqual(['status']);
    expect(lastStatus(events)?.figures).toEqual({
      online: 'redis_unavailable',
      dau: 'realtime_dau_unverified',
    });
    [online, dau] = [7, 100];
    await elapse(5);
    expect(names(events).slice(1).sort()).toEqual(['dau', 'online', 'status']);
  });

  it('does not show the last figure to a new watcher while it is unavailable', async () => {
    watch();
    await elapse(1);
    online = new ApplicationException('redis_unavailable');
    await elapse(5);
    expect(names(watch().events)).toEqual(['status', 'dau']);
  });

  it('reports a store that does not answer, before the next tick', async () => {
    online = 'silent';
    const { events } = watch();
    await elapse(4.5);
    expect(lastStatus(events)?.figures).toEqual({ online: 'answer_too_slow', dau: 'ok' });
  });

  it('ticks on after a failure that nobody expected', async () => {
    online = new TypeError('a fault');
    const { events } = watch();
    await elapse(1);
    expect(lastStatus(events)?.figures.online).toBe('internal_error');
    online = 7;
    await elapse(5);
    expect(ticks(events)).toHaveLength(1);
  });

  it.each([-3_600_000, 3_600_000])('keeps its period when the clock steps by %i ms', async (stepMs) => {
    const { events } = watch();
    await elapse(1);
    clock.step(stepMs);
    await elapse(10);
    expect(ticks(events).slice(1)).toEqual([FIRST_TICK + stepMs / 1000 + 5, FIRST_TICK + stepMs / 1000 + 10]);
  });
});
