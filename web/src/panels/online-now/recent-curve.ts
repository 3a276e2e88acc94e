import type { OnlineHistory } from '../../api/types.js';
import { WINDOW_SECONDS, type OnlineReading } from '../../state/live-figures.js';

/** Snapshots come every minute; a missing one is a gap. */
const GAP_SECONDS = 90;

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
