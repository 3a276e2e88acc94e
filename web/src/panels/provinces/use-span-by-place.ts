import { CSV } from '../../api/csv.js';
import type { Api } from '../../api/client.js';
import { usePolled } from '../../api/use-polled.js';
import type { DayRange } from '../../state/day-range.js';

const EVERY_MS = 300_000;

/** Asks for the distinct users of the whole range by province or by city. Sums of days would count most users often. */
export function useSpanByPlace({ startDate, endDate }: DayRange, breakdown: 'province' | 'city') {
  const query = { startDate, endDate, interval: 'span' as const, breakdown };
  const figure = usePolled(`active-users ${JSON.stringify(query)}`, EVERY_MS, (api, signal) =>
    api.GET('/analytics/active-users', { params: { query }, signal }),
  );
  return { figure, csv: (api: Api) => api.GET('/analytics/active-users', { params: { query }, ...CSV }) };
}
