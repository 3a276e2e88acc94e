import { isDeepStrictEqual } from 'node:util';
import { runBuilt } from '../../../test/support/service.js';
import { waitFor } from '../../../test/support/processes.js';
import { shanghaiDay } from '../../simulation/bookkeeping/shanghai-day.js';
import type { HttpSender } from '../../simulation/delivery/http-client.js';
import type { DashboardClient } from '../../simulation/verification/dashboard-client.js';
import type {
  CalculatedDay,
  CreatedAccount,
  DayFigures,
  FinalState,
  StoredEvent,
} from '../history/history.js';
import type { Stage } from '../stage/stage.js';
import { readPublished, type Published } from './published-records.js';
import { readSpanFigures } from './span-figures.js';

const DRAINS_WITHIN_MS = 30_000;
const STORED_SQL = `
SELECT event_id::text AS "eventId", (extract(epoch FROM event_time) * 1000)::float8 AS "eventMs",
       user_id::text AS "userId", install_id AS "installId", event_name AS "eventName", properties
FROM analytics_event_log`;

const DRAIN_SQL = `
SELECT (SELECT count(*)::int FROM analytics_outbox) AS left,
       (SELECT count(*)::int FROM analytics_event_log WHERE event_name = 'user_account_created') AS accounts`;

const STATISTICS_SQL = `
SELECT day::text AS day, dau_count AS "dauCount", version FROM analytics_daily_active_users ORDER BY day`;

export interface FinalReading {
  readonly dashboard: DashboardClient;
  readonly http: HttpSender;
  /** The token of an administrator. */
  readonly token: string;
  readonly accounts: readonly CreatedAccount[];
  readonly elapsedMs: () => number;
}

/** Lets the outbox and the consumer drain, has every day calculated, and reads the stores and the dashboard. */
export async function readFinalState(
  stage: Stage,
  { dashboard, http, token, accounts, elapsedMs }: FinalReading,
): Promise<FinalState> {
  const onlineReading = await dashboard.onlineCount();
  const offsetMs = elapsedMs() - performance.now();
  const { postgres, commandSettings } = stage;
  const expected = accounts.filter(
    ({ isAcknowledged, isMalformed }) => isAcknowledged && isMalformed !== true,
  );
  await drain(stage, expected.length);
  const stored = await postgres.asOwner(async (client) => (await client.query<StoredEvent>(STORED_SQL)).rows);
  const days = stored.map(({ eventMs }) => shanghaiDay(eventMs)).sort();
  const [first = shanghaiDay(Date.now()), last = first] = [days[0], days.at(-1)];
  const calculated = await runBuilt('src/cli/dau-calculate.js', [first, last], commandSettings);
  if (calculated.exitCode !== 0) throw new Error(`dau:calculate failed:\n${calculated.output}`);
  const { published, ...calculatedDays } = await readCalculatedDays(stage, expected.length);
  const live = await dashboard.liveDau();
  return {
    stored,
    published: published.sessions,
    ...calculatedDays,
    days: toFigures(await dashboard.dau(first, last)),
    live: { ...live },
    online: {
      count: onlineReading.count,
      windowSeconds: onlineReading.windowSeconds,
      sentMs: onlineReading.sentMs + offsetMs,
      answeredMs: onlineReading.answeredMs + offsetMs,
    },
    audit: await runBuilt('src/cli/dau-audit.js', [], commandSettings),
    calculated: published.calculated,
    spans: await readSpanFigures(http, token, first, last),
    deadLetters: published.deadLetters,
  };
}

/** Reads the rows of calculated days and the topic; an hourly calculation in between begins anew. */
async function readCalculatedDays(
  stage: Stage,
  accounts: number,
): Promise<Pick<FinalState, 'statistics' | 'outboxLeft'> & { readonly published: Published }> {
  const readRows = async (): Promise<CalculatedDay[]> =>
    stage.postgres.asOwner(async (client) => (await client.query<CalculatedDay>(STATISTICS_SQL)).rows);
  for (;;) {
    const statistics = await readRows();
    const outboxLeft = await drain(stage, accounts);
    const published = await readPublished(stage.kafka.brokers);
    if (isDeepStrictEqual(statistics, await readRows())) return { statistics, outboxLeft, published };
  }
}

/** @returns how many messages are left in the outbox when the time is up */
async function drain({ postgres }: Stage, accounts: number): Promise<number> {
  return postgres.asOwner(async (client) => {
    const count = async (): Promise<{ left: number; accounts: number }> => {
      const { rows } = await client.query<{ left: number; accounts: number }>(DRAIN_SQL);
      return rows[0] ?? { left: 0, accounts: 0 };
    };
    const isDrained = async (): Promise<boolean> => {
      const now = await count();
      return now.left === 0 && now.accounts >= accounts;
    };
    await waitFor(isDrained, DRAINS_WITHIN_MS, { intervalMs: 250 }).catch(() => undefined);
    return (await count()).left;
  });
}

function toFigures(figures: Awaited<ReturnType<DashboardClient['dau']>>): DayFigures[] {
  return [...figures].map(([day, { dauCount, byProvince, byCity }]) => ({
    day,
    dauCount,
    byProvince: Object.fromEntries(byProvince),
    byCity: Object.fromEntries(byCity),
  }));
}
