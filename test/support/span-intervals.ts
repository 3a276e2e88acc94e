import { addDays, daysBetween } from '../../tools/model/actives-model.js';

/** Returns the whole days, weeks, months or the span that a range touches, by their first and last days. */
export function intervalsOf(first: string, last: string, interval: string): [string, string][] {
  if (interval === 'span') return [[first, last]];
  const keyOf = (day: string): string => {
    const weekday = (new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7;
    return interval === 'day' ? day : interval === 'month' ? day.slice(0, 7) : addDays(day, -weekday);
  };
  // Looks well beyond the range for the rest of its first and its last interval.
  const around = daysBetween(addDays(first, -40), addDays(last, 40));
  return [...new Set(daysBetween(first, last).map(keyOf))].map((key) => {
    const days = around.filter((day) => keyOf(day) === key);
    return [days[0] ?? '', days.at(-1) ?? ''];
  });
}
