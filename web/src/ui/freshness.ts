import type { Catalogue } from '../i18n/en.js';
import type { Formats } from '../i18n/formats.js';
import { shanghaiDay } from '../state/day-range.js';

/** The instants that a figure is known by, Unix milliseconds. */
export interface FigureInstants {
  /** Instant of counting; absent where the answer of the service does not say. */
  readonly countedAtMs: number | undefined;
  /** Instant at which the answer arrived; null before that. */
  readonly answeredAtMs: number | null;
}

/**
 * Says how fresh a figure is, with the date unless it is today's. The time of an answer is no time of counting, since
 * an answer may carry a figure that was counted long before.
 */
export function freshness(
  { countedAtMs, answeredAtMs }: FigureInstants,
  today: string,
  { asOf, answeredAt }: Pick<Catalogue['card'], 'asOf' | 'answeredAt'>,
  format: Formats,
): { readonly atMs: number; readonly text: string } | null {
  const atMs = countedAtMs ?? answeredAtMs;
  if (atMs === null) return null;
  const time = shanghaiDay(atMs) === today ? format.preciseTime(atMs) : format.dateTime(atMs);
  return { atMs, text: countedAtMs === undefined ? answeredAt(time) : asOf(time) };
}
