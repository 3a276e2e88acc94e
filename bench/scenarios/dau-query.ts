import { daysAgo } from '../../test/support/events.js';
import { signToken } from '../../test/support/http.js';
import { compare, type BenchContext, type Measured } from '../support/context.js';
import type { Comparison } from '../support/results.js';
import { median } from '../support/statistics.js';

const DAYS = 366;
const REPEATS = 20;
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

/** The dashboard's largest question, over HTTP, beside the driver's plain SELECT of the same rows. */
export async function compareDauQuery(context: BenchContext): Promise<Comparison> {
  const { owner } = context.servers;
  // Days that are final, so that none is counted anew.
  const range = [daysAgo(DAYS + 9), daysAgo(10)];
  await owner.query(FILL_SQL, range);
  await owner.query('VACUUM ANALYZE analytics_daily_active_users');
  const url = `${context.serviceUrl}/analytics/dau?startDate=${range[0]}&endDate=${range[1]}`;
  const headers = { authorization: `Bearer ${signToken({ sub: '1' })}` };
  return compare(
    context,
    {
      id: 'dau-query',
      work: `DAU of ${DAYS} stored days with 34 provinces and 340 cities`,
      limitedBy: 'pg, SELECT of the same rows',
      unit: 'ms',
      goal: { atMost: 2 },
    },
    {
      limit: () =>
        medianMs(async () => {
          const { rows } = await owner.query(SELECT_SQL, range);
          if (rows.length !== DAYS) throw new Error(`${rows.length} rows instead of ${DAYS}`);
        }),
      service: () =>
        medianMs(async () => {
          const response = await fetch(url, { headers });
          const bytes = (await response.arrayBuffer()).byteLength;
          if (response.status !== 200 || bytes < DAYS)
            throw new Error(`GET /analytics/dau: ${response.status}`);
        }),
    },
  );
}

async function medianMs(work: () => Promise<void>): Promise<Measured> {
  const times: number[] = [];
  for (let i = 0; i < REPEATS; i++) {
    const start = performance.now();
    await work();
    times.push(performance.now() - start);
  }
  return { value: median(times) };
}
