import { runBuilt } from '../../../test/support/service.js';
import { waitFor } from '../../../test/support/processes.js';
import { shanghaiDay } from '../../simulation/bookkeeping/shanghai-day.js';
import type { DashboardClient } from '../../simulation/verification/dashboard-client.js';
import type { DayFigures, FinalState, StoredEvent } from '../history/history.js';
import type { Stage } from '../stage/stage.js';
import { readPublishedSessions } from './published-records.js';

const DRAINS_WITHIN_MS = 30_000;
const STORED_SQL = `
SELECT event_id::text AS "eventId", (extract(epoch FROM event_time) * 1000)::float8 AS "eventMs",
       user_id::text AS "userId", install_id AS "installId", event_name AS "eventName", properties
FROM analytics_event_log`;

/** Lets the outbox drain, has every day calculated, and reads what the stores and the dashboard say. */
export async function readFinalState(
  stage: Stage,
  dashboard: DashboardClient,
  elapsedMs: () => number,
): Promise<FinalState> {
  const onlineReading = await dashboard.onlineCount();
  const offsetMs = elapsedMs() - performance.now();
  const { postgres, kafka, commandSettings } = stage;
  const outboxLeft = await drainOutbox(stage);
  const stored = await postgres.asOwner(async (client) => (await client.query<StoredEvent>(STORED_SQL)).rows);
  const days = stored.map(({ eventMs }) => shanghaiDay(eventMs)).sort();
  const [first = shanghaiDay(Date.now()), last = first] = [days[0], days.at(-1)];
  const calculated = await runBuilt('src/cli/dau-calculate.js', [first, last], commandSettings);
  if (calculated.exitCode !== 0) throw new Error(`dau:calculate failed:\n${calculated.output}`);
  const live = await dashboard.liveDau();
  return {
    stored,
    published: await readPublishedSessions(kafka.brokers),
    outboxLeft,
    days: toFigures(await dashboard.dau(first, last)),
    live: { ...live },
    online: {
      count: onlineReading.count,
      windowSeconds: onlineReading.windowSeconds,
      sentMs: onlineReading.sentMs + offsetMs,
      answeredMs: onlineReading.answeredMs + offsetMs,
    },
    audit: await runBuilt('src/cli/dau-audit.js', [], commandSettings),
  };
}

async function drainOutbox({ postgres }: Stage): Promise<number> {
  return postgres.asOwner(async (client) => {
    const count = async (): Promise<number> => {
      const { rows } = await client.query<{ left: number }>(
        'SELECT count(*)::int AS left FROM analytics_outbox',
      );
      return rows[0]?.left ?? 0;
    };
    await waitFor(async () => (await count()) === 0, DRAINS_WITHIN_MS).catch(() => undefined);
    return count();
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
