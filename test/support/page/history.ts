import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Deployment } from '../deployment.js';
import { daysAgo, shanghaiDay, startOfShanghaiDay } from '../events.js';
import { temporaryDirectory } from '../processes.js';
import { runBuilt } from '../service.js';

/** Lies between the shorter and the longer range of the page. */
const HISTORY_DAYS = 36;
const USERS = 60;
const MINUTE_MS = 60_000;
const MINUTES_A_DAY = 1440;
/** Minutes that nobody counted. */
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
  const minutes = onlineMinutes();
  await deployment.stored.rows(
    `INSERT INTO analytics_online_snapshots (ts, online_count)
     SELECT to_timestamp(u.seconds), u.online FROM unnest($1::bigint[], $2::int[]) AS u (seconds, online)`,
    [minutes.map(({ atMs }) => atMs / 1000), minutes.map(({ online }) => online)],
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
      const joined = user % 2 === 0 ? HISTORY_DAYS : (user * 7) % HISTORY_DAYS;
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

function onlineMinutes(): { readonly atMs: number; readonly online: number }[] {
  const end = Date.now();
  const minutes: { atMs: number; online: number }[] = [];
  for (const age of [7, 1, 0])
    for (let minute = 0; minute < MINUTES_A_DAY; minute++) {
      const atMs = startOfShanghaiDay(daysAgo(age)) + minute * MINUTE_MS;
      // The running service counts the minutes from here on.
      if (atMs >= end - MINUTE_MS) break;
      if (minute >= GAP.from && minute < GAP.to) continue;
      const wave = Math.sin((minute / MINUTES_A_DAY) * 2 * Math.PI - age);
      minutes.push({ atMs, online: Math.round(40 + 25 * wave) });
    }
  return minutes;
}
