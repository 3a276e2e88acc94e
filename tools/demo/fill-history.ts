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
  readonly timeline: Timeline;
  /** Unix milliseconds, half-open. */
  readonly fromMs: number;
  readonly untilMs: number;
  /** File for the events; it is deleted afterwards. */
  readonly eventsPath: string;
  readonly databaseUrl: string;
  readonly log: (line: string) => void;
}

/** Rows of one INSERT: a day of minutes. */
const ROWS_A_QUERY = 1440;

/** Stores the invented days: sessions by the import, figures by the calculation, minutes online by SQL. */
export async function fillHistory(service: DemoService, filling: Filling): Promise<void> {
  const { fromMs, untilMs, eventsPath, databaseUrl, log } = filling;
  const { sessions, snapshots } = await writeSessions(filling);
  log(`Storing ${sessions.toLocaleString('en')} sessions and the minutes of each day`);
  // The import starts a program, and the minutes wait for the disk: neither needs the other.
  await Promise.all([service.run('events-import', eventsPath), insertSnapshots(databaseUrl, snapshots)]);
  rmSync(eventsPath);
  const firstDay = formatToDateKey(new Date(fromMs));
  const today = formatToDateKey(new Date(untilMs));
  log(`Calculating the active users of ${firstDay} to ${today}`);
  await service.run('dau-calculate', firstDay, today);
}

interface Written {
  readonly sessions: number;
  readonly snapshots: readonly Snapshot[];
}

/** Writes the sessions to the file. @returns their number, and the minutes of the same days */
async function writeSessions({ timeline, fromMs, untilMs, eventsPath }: Filling): Promise<Written> {
  const file = createWriteStream(eventsPath);
  const minutes: Snapshot[] = [];
  let sessions = 0;
  try {
    for (const { events, snapshots } of timeline.between(fromMs, untilMs)) {
      sessions += events.length;
      minutes.push(...snapshots);
      const lines = events.map((event) => `${JSON.stringify(event)}\n`).join('');
      if (!file.write(lines)) await once(file, 'drain');
    }
  } finally {
    file.end();
    await once(file, 'close');
  }
  return { sessions, snapshots: minutes };
}

async function insertSnapshots(databaseUrl: string, snapshots: readonly Snapshot[]): Promise<void> {
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
