import type { OnlineHistory } from '../../api/types.js';
import { WINDOW_SECONDS, type OnlineReading } from '../../state/live-figures.js';

/** Snapshots come every minute; a missing one is a gap. */
const GAP_SECONDS = 90;
/** The curve of a page that was just opened does not jump at each reading. */
const LEAST_SECONDS = 60;

/**
 * Returns the last minutes as x and values, with a null where nothing is known for longer than a snapshot takes.
 * Snapshots stand in for the time before the page was opened, and for outages of its connection.
 *
 * @param readings at least one, as {@link LiveFigures} keeps them
 */
export function recentCurve(readings: readonly OnlineReading[], history: OnlineHistory | null) {
  const last = readings.at(-1)?.atSeconds ?? 0;
  const snapshots = (history?.data ?? [])
    .map(({ ts, onlineCount }) => ({ atSeconds: Date.parse(ts) / 1000, count: onlineCount }))
    .filter(({ atSeconds }) => atSeconds < last && atSeconds > last - WINDOW_SECONDS)
    .filter(({ atSeconds }) => !readings.some((reading) => Math.abs(reading.atSeconds - atSeconds) < 30));
  const x: number[] = [];
  const values: (number | null)[] = [];
  for (const { atSeconds, count } of [...snapshots, ...readings].sort((a, b) => a.atSeconds - b.atSeconds)) {
    const before = x.at(-1);
    if (before !== undefined && atSeconds - before >= GAP_SECONDS) {
      x.push(before + 1);
      values.push(null);
    }
    x.push(atSeconds);
    values.push(count);
  }
  return { x, values };
}

/** Returns the readings of the picture as records of a CSV, in the columns of the online history. */
export function recentRecords({ x, values }: ReturnType<typeof recentCurve>): string[][] {
  return x.flatMap((at, index) => {
    const count = values[index] ?? null;
    return count === null ? [] : [[new Date(at * 1000).toISOString(), String(count)]];
  });
}

/** Returns the first and the last x of the picture: ten minutes at most, one at least, no empty space before data. */
export function recentRange(x: readonly number[]): readonly [number, number] {
  const last = x.at(-1) ?? 0;
  const first = Math.min(x[0] ?? last, last - LEAST_SECONDS);
  return [Math.max(first, last - WINDOW_SECONDS), last];
}
