const DAY_SECONDS = 86_400;
const DAY_STEPS = [1, 2, 3, 5, 7, 10, 14, 30, 60];
const MINUTE_STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 180, 240, 360, 720];

/**
 * Returns the days that an axis names: evenly apart, the last one among them, as many as fit.
 *
 * @param days Unix seconds of each day, ascending
 */
export function daySplits(days: readonly number[], widthPx: number, labelPx: number): number[] {
  const [first, last] = [days[0], days.at(-1)];
  if (first === undefined || last === undefined) return [];
  const fitting = Math.max(1, Math.floor(widthPx / labelPx));
  const count = (last - first) / DAY_SECONDS + 1;
  const step = (DAY_STEPS.find((size) => count / size <= fitting) ?? count) * DAY_SECONDS;
  const splits: number[] = [];
  for (let day = last; day >= first; day -= step) splits.unshift(day);
  return splits;
}

/** Returns round times between two instants (Unix seconds), counted from the first one, as many as fit. */
export function timeSplits(min: number, max: number, widthPx: number, labelPx: number): number[] {
  const fitting = Math.max(1, Math.floor(widthPx / labelPx));
  const minutes = (max - min) / 60;
  const step = (MINUTE_STEPS.find((size) => minutes / size <= fitting) ?? minutes) * 60;
  const splits: number[] = [];
  for (let time = min; time <= max; time += step) splits.push(time);
  return splits;
}
