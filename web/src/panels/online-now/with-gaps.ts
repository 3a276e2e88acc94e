import type { OnlineReading } from '../../state/live-figures.js';

/** Readings come every five seconds; three missing ones are a gap. */
const GAP_SECONDS = 20;

/** Returns readings as x and values, with a null where readings are missing between two. */
export function withGaps(readings: readonly OnlineReading[]) {
  const x: number[] = [];
  const values: (number | null)[] = [];
  for (const { atSeconds, count } of readings) {
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
