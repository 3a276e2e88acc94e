import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Deployment } from '../deployment.js';
import { daysAgo, shanghaiDay, startOfShanghaiDay } from '../events.js';
import { temporaryDirectory } from '../processes.js';
import { runBuilt } from '../service.js';

/** A week more than the longest range of the page. */
const HISTORY_DAYS = 97;
/** Days of nobody within the longest range, counted back from today. */
const QUIET = { from: 60, to: 66 };
const USERS = 60;
const MINUTE_MS = 60_000;
const MINUTES_A_DAY = 1440;
/** Minutes of each day that nobody counted. */
const GAP = { from: 300, to: 330 };
const PLACES = [
  { province: '广东省', city: '深圳市' },
  { province: '广东省', city: '广州市' },
  { province: '浙江省', city: '杭州市' },
  { province: '北京市', city: '北京市' },
  { province: '四川省', city: '成都市' },
] as const;

/** Stores days of users and minutes of online counts, and calculates their figures as the nightly job does. */
export async function storeHistory(deployment: Deployment): Promise<void> {
  const directory = temporaryDirectory('page-history');
  const file = join(directory, 'history.jsonl');
  writeFileSync(file, sessions());
  await run(deployment, 'events-import', file);
  rmSync(directory, { recursive: true });
  await run(deployment, 'dau-calculate', daysAgo(HISTORY_DAYS - 1), shanghaiDay());
  await deployment.stored.rows(
    `INSERT INTO analytics_online_snapshots (ts, online_count)
     SELECT to_timestamp($1::float8 + 60 * minute),
            round(40 + 25 * sin(2 * pi() * minute / ${MINUTES_A_DAY} - minute / ${MINUTES_A_DAY}))
     FROM generate_series(0, $2::int - 1) AS minute
     WHERE minute % ${MINUTES_A_DAY} NOT BETWEEN ${GAP.from} AND ${GAP.to - 1}`,
    onlineMinutes(),
  );
}

async function run(deployment: Deployment, program: string, ...args: readonly string[]): Promise<void> {
  const { exitCode, output } = await runBuilt(`src/cli/${program}.js`, args, deployment.settings);
  if (exitCode !== 0) throw new Error(`${program} ended with ${String(exitCode)}; it wrote:\n${output}`);
}

/** A user joins on some day and comes on most days, each user by a rhythm of its own. */
function sessions(): string {
  const now = Date.now();
  const lines: string[] = [];
  for (let age = HISTORY_DAYS - 1; age >= 0; age--) {
    const start = startOfShanghaiDay(daysAgo(age));
    for (let user = 0; user < USERS; user++) {
      const joined = user % 2 === 0 ? HISTORY_DAYS : (user * 11) % HISTORY_DAYS;
      if (age >= QUIET.from && age <= QUIET.to) continue;
      if (age > joined || (age !== joined && (age * 7 + user * 3) % (2 + (user % 4)) === 0)) continue;
      const atMs = start + ((user * 37) % MINUTES_A_DAY) * MINUTE_MS;
      if (atMs >= now) continue;
      lines.push(
        JSON.stringify({
          eventName: 'app_session_start',
          installId: `install-of-user-${user}`,
          userId: String(700_000 + user),
          clientTs: atMs / 1000,
          properties: PLACES[user % PLACES.length],
        }),
      );
    }
  }
  return lines.map((line) => `${line}\n`).join('');
}

/** Returns the first second of the history, and its minutes until the running service counts them. */
function onlineMinutes(): [startSeconds: number, minutes: number] {
  const start = startOfShanghaiDay(daysAgo(HISTORY_DAYS - 1));
  return [start / 1000, Math.floor((Date.now() - start) / MINUTE_MS) - 1];
}
