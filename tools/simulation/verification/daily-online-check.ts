import type { Ledger } from '../bookkeeping/ledger.js';
import type { DailyOnline } from '../delivery/responses.js';
import { createCheck, type Check } from './check.js';
import type { Observation } from './dashboard-checks.js';

const DAY_MINUTES = 1440;
const MINUTE_MS = 60_000;

/** Checks the minutes of each day up to now, and that no peak exceeds all users of the run and those before it. */
export function dailyOnlineCheck(
  ledger: Ledger,
  before: Observation,
  after: Observation,
  serviceNowMs: number,
): Check {
  const everOnline = ledger.onlineUsers.expected(after.online.sentMs, after.online.answeredMs, Infinity).high;
  const samples = [...after.daily].flatMap(([day, { samples, missedMinutes, peak }]) => {
    const highest = Math.max(before.daily.get(day)?.peak ?? 0, before.online.count + everOnline);
    const minutes = samples + missedMinutes;
    return [
      ...(isWhole(day, minutes, serviceNowMs) ? [] : [`${day} has ${String(minutes)} minutes`]),
      ...(peak <= highest
        ? []
        : [`${day} has a peak of ${String(peak)}, at most ${String(highest)} are possible`]),
      ...lostMinutes(day, { samples, missedMinutes, peak }, before.daily.get(day)),
    ];
  });
  return createCheck('online by day', samples.length === 0, {
    detail: `${String(after.daily.size)} days with all of their minutes`,
    samples,
  });
}

/** A day that is not over has the minutes up to now; the running one may have a snapshot. */
function isWhole(day: string, minutes: number, serviceNowMs: number): boolean {
  const over = Math.floor((serviceNowMs - Date.parse(`${day}T00:00:00+08:00`)) / MINUTE_MS);
  if (over >= DAY_MINUTES + 1) return minutes === DAY_MINUTES;
  return over - 1 <= minutes && minutes <= Math.min(DAY_MINUTES, over + 2);
}

function lostMinutes(day: string, is: DailyOnline, was: DailyOnline | undefined): string[] {
  if (was === undefined || (is.samples >= was.samples && is.peak >= was.peak)) return [];
  return [`${day} lost snapshots: ${JSON.stringify(was)} → ${JSON.stringify(is)}`];
}
