import type { Api } from '../api/client.js';
import { CSV } from '../api/csv.js';
import type { OnlineHistory } from '../api/types.js';
import { usePolled, type PolledFigure } from '../api/use-polled.js';
import { periodOfPastDay } from './past-day.js';
import { addDays, startOfShanghaiDay } from '../state/day-range.js';

/** Today's curve gains a minute every minute. */
const TODAY_EVERY_MS = 30_000;

/** Returns the snapshots of each minute of a day. */
export function useOnlineHistory(day: string, isPast = false): PolledFigure<OnlineHistory> {
  const key = `online-history ${day} ${isPast ? 'past' : 'today'}`;
  return usePolled(key, isPast ? periodOfPastDay(day) : TODAY_EVERY_MS, (api, signal) =>
    api.GET('/presence/online-history', { params: { query: minutesOfDay(day) }, signal }),
  );
}

/** Asks for the same snapshots as CSV. */
export function onlineHistoryCsv(api: Api, day: string) {
  return api.GET('/presence/online-history', { params: { query: minutesOfDay(day) }, ...CSV });
}

function minutesOfDay(day: string) {
  return {
    startTime: new Date(startOfShanghaiDay(day)).toISOString(),
    endTime: new Date(startOfShanghaiDay(addDays(day, 1))).toISOString(),
    interval: '1m' as const,
  };
}
