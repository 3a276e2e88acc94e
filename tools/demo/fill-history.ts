import { createWriteStream, rmSync } from 'node:fs';
import { once } from 'node:events';
import { Client } from 'pg';
import { formatToDateKey } from '../../src/shared/utils/timezone.util.js';
import type { DemoService } from './demo-service.js';
import type { Snapshot, Timeline } from './timeline.js';

const SNAPSHOTS_SQL = `
  INSERT INTO analytics_online_snapshots (ts, online_count)
  SELECT to_timestamp(u.seconds), u.online FROM unnest($1::bigint[], $2::int[]) AS u (seconds, online)
  ON CONFLICT DO NOTHING`;

export interface Filling {
  readonly databaseUrl: string;
  readonly log: (line: string) => void;
}

/** The invented days before today, ready to be stored. */
export interface PastDays {
  readonly sessions: number;
  readonly snapshots: readonly Snapshot[];
  /** File with the sessions; it is deleted once they are stored. */
  readonly eventsPath: string;
}

/** Rows of one INSERT: a week of minutes. */
const ROWS_A_QUERY = 7 * 1440;

/** Writes the sessions of the span to the file and returns the minutes. It needs no service. */
export async function prepareDays(
  timeline: Timeline,
  { fromMs, untilMs, eventsPath }: { fromMs: number; untilMs: number; eventsPath: string },
): Promise<PastDays> {
  const file = createWriteStream(eventsPath);
  const snapshots: Snapshot[] = [];
  let sessions = 0;
  try {
    for (const day of timeline.between(fromMs, untilMs)) {
      sessions += day.events.length;
      snapshots.push(...day.snapshots);
      const lines = day.events.map((event) => `${JSON.stringify(event)}\n`).join('');
      if (!file.write(lines)) await once(file, 'drain');
    }
  } finally {
    file.end();
    await once(file, 'close');
  }
  return { sessions, snapshots, eventsPath };
}

/** Stores the invented days: sessions by the import, minutes online by SQL. */
export async function storeDays(
  service: DemoService,
  days: PastDays,
  { databaseUrl, log }: Filling,
): Promise<void> {
  const { sessions, snapshots, eventsPath } = days;
  if (sessions > 0) {
    log(`Storing ${sessions.toLocaleString('en')} sessions and the minutes of each day`);
    // The import starts a program, and the minutes wait for the disk: neither needs the other.
    await Promise.all([service.run('events-import', eventsPath), storeMinutes(databaseUrl, snapshots)]);
  }
  rmSync(eventsPath, { force: true });
}

/** Calculates the figures of the days of the span. */
export async function calculateDays(
  service: DemoService,
  { fromMs, untilMs, log }: { fromMs: number; untilMs: number } & Pick<Filling, 'log'>,
): Promise<void> {
  const [first, last] = [fromMs, untilMs].map((atMs) => formatToDateKey(new Date(atMs))) as [string, string];
  log(`Calculating the active users of ${first} to ${last}`);
  await service.run('dau-calculate', first, last);
}

export async function storeMinutes(databaseUrl: string, snapshots: readonly Snapshot[]): Promise<void> {
  const database = new Client({ connectionString: databaseUrl });
  await database.connect();
  try {
    for (let from = 0; from < snapshots.length; from += ROWS_A_QUERY) {
      const rows = snapshots.slice(from, from + ROWS_A_QUERY);
      await database.query(SNAPSHOTS_SQL, [
        rows.map(({ atMs }) => atMs / 1000),
        rows.map(({ onlineCount }) => onlineCount),
      ]);
    }
  } finally {
    await database.end();
  }
}
