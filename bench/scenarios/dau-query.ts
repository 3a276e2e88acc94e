import { daysAgo } from '../../test/support/events.js';
import { request, signToken } from '../../test/support/http.js';
import { compare } from '../support/comparison.js';
import type { BenchContext } from '../support/context.js';
import { elapsed } from '../support/elapsed.js';
import type { Comparison, Measurement } from '../support/results.js';
import { median, percentile } from '../support/statistics.js';

const DAYS = 366;
const REPEATS = 20;
const WARM_UP_REPEATS = 5;
const FILL_SQL = `
INSERT INTO analytics_daily_active_users (day, dau_count, dau_by_province, dau_by_city, calculated_at, version)
SELECT day::date, 1750000,
       (SELECT jsonb_object_agg('省份' || i, 51470 + i) FROM generate_series(1, 34) AS i),
       (SELECT jsonb_object_agg('城市' || i, 5147 + i) FROM generate_series(1, 340) AS i),
       day + interval '2 days', 1
FROM generate_series($1::date, $2::date, interval '1 day') AS day
ON CONFLICT (day) DO UPDATE SET dau_by_province = excluded.dau_by_province, dau_by_city = excluded.dau_by_city
`;
const SELECT_SQL =
  'SELECT * FROM analytics_daily_active_users WHERE day BETWEEN $1::date AND $2::date ORDER BY day';

/** Compares the dashboard's largest query over HTTP with the driver's plain SELECT of the same rows. */
export async function compareDauQuery(context: BenchContext): Promise<Comparison> {
  const { owner } = context.servers;
  // The days are final, so the service does not recalculate any of them.
  const range = [daysAgo(DAYS + 9), daysAgo(10)];
  await owner.query(FILL_SQL, range);
  await owner.query('VACUUM ANALYZE analytics_daily_active_users');
  const url = `${context.serviceUrl}/analytics/dau?startDate=${range[0]}&endDate=${range[1]}`;
  const token = signToken({ sub: '1' });
  const selectDays = async (): Promise<void> => {
    const { rows } = await owner.query(SELECT_SQL, range);
    if (rows.length !== DAYS) throw new Error(`${rows.length} rows instead of ${DAYS}`);
  };
  const requestDays = async (): Promise<void> => {
    const response = await fetch(url, { headers: { authorization: `Bearer ${token}` } });
    const bytes = (await response.arrayBuffer()).byteLength;
    if (response.status !== 200 || bytes < DAYS) throw new Error(`GET /analytics/dau: ${response.status}`);
  };
  await expectAllDays(url, token);
  for (let i = 0; i < WARM_UP_REPEATS; i++) {
    await selectDays();
    await requestDays();
  }
  return compare(
    context,
    {
      id: 'dau-query',
      work: `DAU of ${DAYS} stored days with 34 provinces and 340 cities`,
      limitedBy: 'pg, SELECT of the same rows',
      unit: 'ms',
      goal: { atMost: 2 },
    },
    { measureLimit: () => measureRepeated(selectDays), measureService: () => measureRepeated(requestDays) },
  );
}

/** Checks the response once, outside the measurement, because parsing its JSON takes time. */
async function expectAllDays(url: string, token: string): Promise<void> {
  const { status, body } = await request(url, { token });
  const { data = [] } = (body ?? {}) as {
    data?: readonly { byProvince: Record<string, number>; byCity: Record<string, number> }[];
  };
  const complete = data.filter(
    ({ byProvince, byCity }) => Object.keys(byProvince).length === 34 && Object.keys(byCity).length === 340,
  );
  if (status !== 200 || complete.length !== DAYS) {
    throw new Error(
      `GET /analytics/dau answers ${status} with ${complete.length} complete days instead of ${DAYS}`,
    );
  }
}

async function measureRepeated(work: () => Promise<void>): Promise<Measurement> {
  const times: number[] = [];
  for (let i = 0; i < REPEATS; i++) times.push((await elapsed(work)).ms);
  return {
    value: median(times),
    latency: { p50Ms: percentile(times, 0.5), p99Ms: percentile(times, 0.99) },
  };
}
