import type { ExpectedDay, Range } from './actives.js';
import type { DayStats, LiveDau } from './answers.js';
import type { FaultKind, Ledger } from './ledger.js';
import type { OnlineReading } from './service.js';

export interface Check {
  /** `open`: the contract allows the service to be behind here, so that nothing is proven either way. */
  readonly verdict: 'right' | 'wrong' | 'open';
  readonly name: string;
  readonly detail: string;
  readonly samples: readonly string[];
}

/** What the dashboard showed at one moment. */
export interface Observation {
  readonly online: OnlineReading;
  readonly dau: ReadonlyMap<string, DayStats>;
  readonly live: LiveDau;
}

const EMPTY_DAY: DayStats = { dauCount: 0, byProvince: new Map(), byCity: new Map() };
const SAMPLES_SHOWN = 5;
/** On top of three standard errors, for small numbers, where rounding weighs as much as the sketch's error. */
const LIVE_SLACK = 3;

/** What the answers to the crowd's own messages must have said. A run that was stopped leaves some on the way. */
export function deliveryChecks(ledger: Ledger, wasStopped: boolean): Check[] {
  const { batches, events, heartbeats } = ledger;
  const refused = ledger.faultsOf('refused');
  const delivered = (undelivered: number): Check['verdict'] =>
    undelivered === 0 ? 'right' : wasStopped && refused.count === 0 ? 'open' : 'wrong';
  return [
    {
      verdict: delivered(batches.undelivered),
      name: 'every batch delivered',
      detail: `${count(batches.delivered)} of ${count(batches.due)} batches, ${count(events.unsent)} events unsent`,
      samples: refused.samples,
    },
    {
      verdict: delivered(heartbeats.undelivered),
      name: 'every heartbeat accepted',
      detail: `${count(heartbeats.accepted)} of ${count(heartbeats.due)}`,
      samples: [],
    },
    faultless(ledger, ['contract'], 'answers keep the contract', 'all readable'),
    faultless(
      ledger,
      ['sum'],
      'each batch: accepted + duplicates = good events, failed = bad events',
      'all add up',
    ),
    check(
      'accepted = distinct good events',
      ledger.acceptedForCertain <= events.accepted && events.accepted <= ledger.distinctGood,
      {
        detail: `${count(events.accepted)} accepted, ${count(ledger.distinctGood)} distinct${openCount(ledger.distinctGood - ledger.acceptedForCertain)}`,
      },
    ),
    check(
      'duplicates = events sent again',
      ledger.repeatedDuplicates === ledger.repeatedGood &&
        events.accepted + events.duplicates === ledger.answeredGood &&
        ledger.faultsOf('duplicates').count === 0,
      {
        detail: `${count(ledger.repeatedDuplicates)} of ${count(ledger.repeatedGood)} sent again after a whole answer, ${count(events.duplicates)} in all`,
        samples: ledger.faultsOf('duplicates').samples,
      },
    ),
    check(
      'bad events reported by index, neighbours stored',
      events.failed === ledger.answeredBad && ledger.faultsOf('index').count === 0,
      {
        detail: `${count(events.failed)} reported of ${count(ledger.answeredBad)} sent`,
        samples: ledger.faultsOf('index').samples,
      },
    ),
  ];
}

/** What the dashboard must show: its numbers before the run and the crowd's own books give the expectation. */
export function dashboardChecks(ledger: Ledger, before: Observation, after: Observation): Check[] {
  const today = after.live.day;
  const days = new Set([...ledger.actives.days(), today]);
  return [
    ...[...days]
      .sort()
      .flatMap((day) =>
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
    gainCheck(`DAU ${day}`, isToday, total, single(before.dauCount), single(after.dauCount)),
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
      // Only today is computed live; another day's figures may be those of the last calculation.
      if (!isToday && gained >= 0 && gained < low) behind += 1;
      samples.push(`${key}: ${count(was)} → ${count(is)}, expected +${between({ low, high })}`);
    }
  }
  const wrong = keys.size - right - behind;
  const sum = rangeSum(expected.values());
  const gainedAll = sumOf(after.values()) - sumOf(before.values());
  const scope = keys.size === 1 ? '' : `, ${count(right)} of ${count(keys.size)} right`;
  return {
    verdict: wrong > 0 ? 'wrong' : behind > 0 ? 'open' : 'right',
    name,
    detail: `+${count(gainedAll)}, expected +${between(sum)}${scope}${behind > 0 ? '; not calculated anew yet' : ''}`,
    samples: samples.slice(0, SAMPLES_SHOWN),
  };
}

function onlineCheck(ledger: Ledger, before: OnlineReading, after: OnlineReading): Check {
  const own = ledger.online(after.askedMs, after.answeredMs, after.windowSeconds * 1000);
  const holds = own.low <= after.count && after.count <= own.high + before.count;
  const others =
    before.count === 0
      ? ''
      : ` (up to ${count(before.count)} more were online before and may be still: any number from ${count(own.low)} to ${count(own.high + before.count)} is right)`;
  return check('online now', holds, { detail: `${count(after.count)}, own users ${between(own)}${others}` });
}

function liveCheck(before: Observation, after: Observation): Check {
  const { day, dauCount, standardError } = after.live;
  const exact = (after.dau.get(day) ?? EMPTY_DAY).dauCount;
  const tolerance = Math.ceil(3 * standardError * exact) + LIVE_SLACK;
  const exactBefore = before.dau.get(before.live.day)?.dauCount ?? 0;
  return check('live DAU within 3 standard errors', Math.abs(dauCount - exact) <= tolerance, {
    detail: `${count(dauCount)} for ${count(exact)} ± ${count(tolerance)} (before the run ${count(before.live.dauCount)} for ${count(exactBefore)})`,
  });
}

function faultless(ledger: Ledger, kinds: readonly FaultKind[], name: string, detail: string): Check {
  const faults = ledger.faultsOf(...kinds);
  return check(name, faults.count === 0, {
    detail: faults.count === 0 ? detail : `${count(faults.count)} wrong`,
    samples: faults.samples,
  });
}

function check(name: string, holds: boolean, about: { detail: string; samples?: readonly string[] }): Check {
  return { verdict: holds ? 'right' : 'wrong', name, detail: about.detail, samples: about.samples ?? [] };
}

function openCount(events: number): string {
  return events === 0 ? '' : ` (${count(events)} of them first tried without an answer: may be either)`;
}

function single(number: number): Map<string, number> {
  return new Map([['in total', number]]);
}

function sumOf(numbers: Iterable<number>): number {
  let sum = 0;
  for (const number of numbers) sum += number;
  return sum;
}

function rangeSum(ranges: Iterable<Range>): Range {
  let [low, high] = [0, 0];
  for (const range of ranges) {
    low += range.low;
    high += range.high;
  }
  return { low, high };
}

function between({ low, high }: Range): string {
  return low === high ? count(low) : `${count(low)} to ${count(high)}`;
}

function count(number: number): string {
  return number.toLocaleString('en-US');
}
