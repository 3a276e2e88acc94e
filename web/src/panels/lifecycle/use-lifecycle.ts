import { CSV } from '../../api/csv.js';
import type { Api } from '../../api/client.js';
import { usePolled } from '../../api/use-polled.js';
import type { DayRange } from '../../state/day-range.js';

const EVERY_MS = 300_000;

/** Asks for the lifecycle of each day of the range. */
export function useLifecycle({ startDate, endDate }: DayRange) {
  const query = { startDate, endDate };
  const figure = usePolled(`lifecycle ${JSON.stringify(query)}`, EVERY_MS, (api, signal) =>
    api.GET('/analytics/lifecycle', { params: { query }, signal }),
  );
  return { figure, csv: (api: Api) => api.GET('/analytics/lifecycle', { params: { query }, ...CSV }) };
}
