import type { ExpectedDay } from '../bookkeeping/actives.js';
import type { Ledger } from '../bookkeeping/ledger.js';
import type { Range } from '../bookkeeping/range.js';
import type { DailyOnline, DayStats, LiveDau } from '../delivery/responses.js';
import { formatCount } from '../reporting/format.js';
import { createCheck, formatRange, type Check } from './check.js';
import type { OnlineReading } from './dashboard-client.js';
import type { SpanAnswers } from './span-checks.js';

/** The dashboard's figures at one moment. */
export interface Observation {
  readonly online: OnlineReading;
  readonly dau: ReadonlyMap<string, DayStats>;
  readonly live: LiveDau;
  readonly daily: ReadonlyMap<string, DailyOnline>;
  readonly spans: SpanAnswers;
  /** The days of `daily` and `spans`, both included. */
  readonly days: readonly [first: string, last: string];
}

const EMPTY_DAY: DayStats = { dauCount: 0, byProvince: new Map(), byCity: new Map() };
const SAMPLES_SHOWN = 5;
/** The tolerance on top of three standard errors, for small figures that rounding dominates. */
const LIVE_SLACK = 3;

/** Checks the dashboard: its figures before the run plus the ledger's gains must give its figures now. */
export function dashboardChecks(ledger: Ledger, before: Observation, after: Observation): Check[] {
  const today = after.live.day;
  const days = [...new Set([...ledger.actives.days(), today])].sort();
  return [
    ...days.flatMap((day) =>
      dayChecks(
        day,
        day === today,
        before.dau.get(day) ?? EMPTY_DAY,
        after.dau.get(day) ?? EMPTY_DAY,
        ledger.actives.expected(day),
      ),
    ),
    onlineCheck(ledger, before.online, after.online),
    liveCheck(before, after),
  ];
}

function dayChecks(
  day: string,
  isToday: boolean,
  before: DayStats,
  after: DayStats,
  expected: ExpectedDay,
): Check[] {
  const total = new Map([['in total', expected.total]]);
  return [
    gainCheck(`DAU ${day}`, isToday, total, totalOf(before), totalOf(after)),
    gainCheck(`DAU ${day} by province`, isToday, expected.byProvince, before.byProvince, after.byProvince),
    gainCheck(`DAU ${day} by city`, isToday, expected.byCity, before.byCity, after.byCity),
  ];
}

function gainCheck(
  name: string,
  isToday: boolean,
  expected: ReadonlyMap<string, Range>,
  before: ReadonlyMap<string, number>,
  after: ReadonlyMap<string, number>,
): Check {
  const keys = new Set([...expected.keys(), ...before.keys(), ...after.keys()]);
  const samples: string[] = [];
  let right = 0;
  let behind = 0;
  for (const key of keys) {
    const { low, high } = expected.get(key) ?? { low: 0, high: 0 };
    const [was, is] = [before.get(key) ?? 0, after.get(key) ?? 0];
    const gained = is - was;
    if (low <= gained && gained <= high) right += 1;
    else {
      // The service computes only today live; other days may show the last rollup.
      if (!isToday && gained >= 0 && gained < low) behind += 1;
      samples.push(
        `${key}: ${formatCount(was)} → ${formatCount(is)}, expected +${formatRange({ low, high })}`,
      );
    }
  }
  const wrong = keys.size - right - behind;
  const gainedAll = sumOf(after.values()) - sumOf(before.values());
  const scope = keys.size === 1 ? '' : `, ${formatCount(right)} of ${formatCount(keys.size)} right`;
  return {
    verdict: wrong > 0 ? 'wrong' : behind > 0 ? 'open' : 'right',
    name,
    detail: `+${formatCount(gainedAll)}, expected +${formatRange(addRanges(expected.values()))}${scope}${behind > 0 ? '; not calculated anew yet' : ''}`,
    samples: samples.slice(0, SAMPLES_SHOWN),
  };
}

function onlineCheck(ledger: Ledger, before: OnlineReading, after: OnlineReading): Check {
  const own = ledger.onlineUsers.expected(after.sentMs, after.answeredMs, after.windowSeconds * 1000);
  const highest = own.high + before.count;
  const holds = own.low <= after.count && after.count <= highest;
  const others =
    before.count === 0
      ? ''
      : ` (up to ${formatCount(before.count)} more were online before and may be still: any number from ${formatCount(own.low)} to ${formatCount(highest)} is right)`;
  return createCheck('online now', holds, {
    detail: `${formatCount(after.count)}, own users ${formatRange(own)}${others}`,
  });
}

function liveCheck(before: Observation, after: Observation): Check {
  const { day, dauCount, standardError } = after.live;
  const exact = (after.dau.get(day) ?? EMPTY_DAY).dauCount;
  const tolerance = Math.ceil(3 * standardError * exact) + LIVE_SLACK;
  const exactBefore = before.dau.get(before.live.day)?.dauCount ?? 0;
  return createCheck('live DAU within 3 standard errors', Math.abs(dauCount - exact) <= tolerance, {
    detail: `${formatCount(dauCount)} for ${formatCount(exact)} ± ${formatCount(tolerance)} (before the run ${formatCount(before.live.dauCount)} for ${formatCount(exactBefore)})`,
  });
}

function totalOf({ dauCount }: DayStats): Map<string, number> {
  return new Map([['in total', dauCount]]);
}

function sumOf(numbers: Iterable<number>): number {
  let sum = 0;
  for (const number of numbers) sum += number;
  return sum;
}

function addRanges(ranges: Iterable<Range>): Range {
  let [low, high] = [0, 0];
  for (const range of ranges) {
    low += range.low;
    high += range.high;
  }
  return { low, high };
}
