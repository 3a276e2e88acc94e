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

/** Stores the invented days: sessions by the import, figures by the calculation, minutes online by SQL. */
export async function fillHistory(service: DemoService, filling: Filling): Promise<void> {
  const { fromMs, untilMs, eventsPath, log } = filling;
  const sessions = await writeHistory(filling);
  log(`Storing ${sessions.toLocaleString('en')} sessions and the minutes of each day`);
  await service.run('events-import', eventsPath);
  rmSync(eventsPath);
  const firstDay = formatToDateKey(new Date(fromMs));
  const today = formatToDateKey(new Date(untilMs));
  log(`Calculating the active users of ${firstDay} to ${today}`);
  await service.run('dau-calculate', firstDay, today);
}

/** Writes the events to the file and the snapshots to the database. @returns the number of events */
async function writeHistory({
  timeline,
  fromMs,
  untilMs,
  eventsPath,
  databaseUrl,
}: Filling): Promise<number> {
  const file = createWriteStream(eventsPath);
  const database = new Client({ connectionString: databaseUrl });
  await database.connect();
  let count = 0;
  try {
    for (const { events, snapshots } of timeline.between(fromMs, untilMs)) {
      count += events.length;
      const lines = events.map((event) => `${JSON.stringify(event)}\n`).join('');
      if (!file.write(lines)) await once(file, 'drain');
      await insertSnapshots(database, snapshots);
    }
  } finally {
    await database.end();
    file.end();
    await once(file, 'close');
  }
  return count;
}

async function insertSnapshots(database: Client, snapshots: readonly Snapshot[]): Promise<void> {
  await database.query(SNAPSHOTS_SQL, [
    snapshots.map(({ atMs }) => atMs / 1000),
    snapshots.map(({ onlineCount }) => onlineCount),
  ]);
}
