import 'reflect-metadata';

import { randomUUID } from 'node:crypto';

import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { AppModule } from '../../src/app.module.js';
import { CalculateDauCommand } from '../../src/application/commands/calculate-dau/calculate-dau.command.js';
import { ImportEventsCommand } from '../../src/application/commands/import-events/import-events.command.js';
import {
  RecordEventsCommand,
  type EventItem,
} from '../../src/application/commands/record-events/record-events.command.js';
import { RecordHeartbeatCommand } from '../../src/application/commands/record-heartbeat/record-heartbeat.command.js';
import { RecordOnlineSnapshotCommand } from '../../src/application/commands/record-online-snapshot/record-online-snapshot.command.js';
import { AuditDauQuery } from '../../src/application/queries/audit-dau/audit-dau.query.js';
import { GetOnlineCountQuery } from '../../src/application/queries/get-online-count/get-online-count.query.js';
import { DauRollupService } from '../../src/application/services/dau-rollup.service.js';
import { loadConfiguration } from '../../src/config/configuration.js';
import { prepareDatabase } from '../../src/infrastructure/embedded/prepare-database.js';
import { addDaysToKey, formatToDateKey, startOfDayInTimezone } from '../../src/shared/utils/timezone.util.js';
import { databaseSettings } from '../support/citus/tables.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { createTestRedis, type TestRedis } from '../support/redis.js';
import { pick, seededRandom, shuffled } from '../support/random.js';
import { seed } from '../support/seed.js';
import { openSql, type Sql } from '../support/sql.js';

interface Replica {
  readonly app: INestApplicationContext;
  readonly commands: CommandBus;
  readonly queries: QueryBus;
  readonly rollup: DauRollupService;
}

const now = new Date();
const today = formatToDateKey(now);
const DAYS = [addDaysToKey(today, -3), addDaysToKey(today, -1), today];
const PAST = DAYS[0]!;

let database: TestDatabase;
let redis: TestRedis;
let owner: Sql;
let a: Replica;
let b: Replica;

beforeAll(async () => {
  [database, redis] = await Promise.all([createTestDatabase(), createTestRedis()]);
  owner = await openSql(database.ownerUrl);
  [a, b] = await Promise.all([startReplica(), startReplica()]);
});

afterAll(async () => {
  await Promise.all([a, b].map(({ app }) => app.close()));
  await Promise.all([owner.close(), redis.close()]);
  await database.drop();
});

/** The application of one replica, without its HTTP server and its timers. */
async function startReplica(): Promise<Replica> {
  const { config } = await prepareDatabase(
    loadConfiguration({
      NODE_ENV: 'test',
      ...databaseSettings(database),
      REDIS_HOST: redis.host,
      REDIS_PORT: String(redis.port),
      REDIS_DB: String(redis.db),
      REDIS_PASSWORD: redis.password,
    }),
    () => undefined,
  );
  const app = await NestFactory.createApplicationContext(AppModule.register(config, { role: 'command' }), {
    logger: false,
    abortOnError: false,
  });
  return {
    app,
    commands: app.get(CommandBus),
    queries: app.get(QueryBus),
    rollup: app.get(DauRollupService, { strict: false }),
  };
}

/** Returns an instant of the day that is in the past. */
function momentOf(day: string): number {
  const noon = startOfDayInTimezone(day).getTime() + 12 * 3_600_000;
  const start = startOfDayInTimezone(day).getTime();
  return Math.max(start, Math.min(noon, now.getTime() - 60_000)) / 1000;
}

const random = seededRandom(11);

interface Session extends EventItem {
  readonly installId: string;
  readonly userId?: string;
}

function session(day: string, user: number): Session {
  return {
    eventName: 'app_session_start',
    eventId: randomUUID(),
    installId: `install-${user % 17}-0000`,
    ...(user % 4 !== 0 && { userId: String(user) }),
    clientTs: momentOf(day),
    properties: {
      province: pick(random, ['广东', '北京', undefined]),
      city: pick(random, ['深圳', '', '海淀']),
    },
  };
}

const identityOf = ({ userId, installId }: Session): string =>
  userId === undefined ? `install ${installId}` : `user ${userId}`;

const statsOf = async (day: string) =>
  (
    await owner.rows<{ dau_count: number; version: number }>(
      'SELECT dau_count, version FROM analytics_daily_active_users WHERE day = $1::date',
      [day],
    )
  )[0];

/** Returns the published versions of a day in order. */
const announced = async (day: string) =>
  (
    await owner.rows<{ version: number }>(
      `SELECT (payload ->> 'version')::int AS version FROM analytics_outbox
       WHERE type = 'analytics.dau.calculated' AND payload ->> 'day' = $1 ORDER BY sequence`,
      [day],
    )
  ).map(({ version }) => version);

const audit = (day: string) => a.queries.execute(new AuditDauQuery(day));
const people = new Map(DAYS.map((day) => [day, new Set<string>()]));

describe('two replicas', () => {
  it('take each event once, whichever gets it', async () => {
    const events = DAYS.flatMap((day) =>
      Array.from({ length: 150 }, () => session(day, 1 + Math.floor(random() * 80))),
    );
    DAYS.forEach((day, i) => {
      for (const event of events.slice(i * 150, (i + 1) * 150)) people.get(day)!.add(identityOf(event));
    });
    const results = await Promise.all(
      [a, b, a, b].map(({ commands }) => commands.execute(new RecordEventsCommand(shuffled(random, events)))),
    );
    expect(results.reduce((sum, { accepted }) => sum + accepted, 0)).toBe(events.length);
    expect(results.reduce((sum, { duplicates }) => sum + duplicates, 0)).toBe(3 * events.length);
    expect(results.every(({ failed }) => failed === 0)).toBe(true);
  });

  it('calculate a due day once when both start at the same moment', async () => {
    for (let round = 0; round < 3; round++) {
      await Promise.all([a, b].map(({ rollup }) => rollup.calculateDue(now)));
      for (const day of DAYS) {
        expect(await statsOf(day)).toEqual({ dau_count: people.get(day)!.size, version: 1 });
        expect(await announced(day)).toEqual([1]);
      }
    }
  });

  it('calculate a day again when either replica adds an identity to it', async () => {
    const late = session(PAST, 1_001);
    people.get(PAST)!.add(identityOf(late));
    await b.commands.execute(new RecordEventsCommand([late]));
    await Promise.all([a, b].map(({ rollup }) => rollup.calculateDue(now)));
    expect(await statsOf(PAST)).toEqual({ dau_count: people.get(PAST)!.size, version: 2 });
    expect((await statsOf(DAYS[1]!))?.version).toBe(1);
  });

  it('raise the version of a day once for each change, however often they calculate it together', async () => {
    const before = (await statsOf(PAST))!.version;
    for (let round = 1; round <= 5; round++) {
      const late = session(PAST, 2_000 + round);
      people.get(PAST)!.add(identityOf(late));
      await a.commands.execute(new RecordEventsCommand([late]));
      const results = await Promise.all(
        [a, b, a, b].map(({ commands }) => commands.execute(new CalculateDauCommand(PAST))),
      );
      expect(results.map(({ version }) => version)).toEqual(Array(4).fill(before + round));
      expect(await statsOf(PAST)).toEqual({ dau_count: people.get(PAST)!.size, version: before + round });
    }
    expect(await announced(PAST)).toEqual(Array.from({ length: before + 5 }, (_, i) => 1 + i));
  });

  it('take one snapshot for each minute', async () => {
    for (const user of [1n, 2n, 3n]) {
      await a.commands.execute(new RecordHeartbeatCommand(user, 'install-00000001', '1.0', 0));
      await b.commands.execute(new RecordHeartbeatCommand(user + 1n, 'install-00000002', '1.0', 0));
    }
    expect(await b.queries.execute(new GetOnlineCountQuery())).toMatchObject({
      count: 4,
      windowSeconds: 180,
    });
    const taken = await Promise.all(
      [a, b, a, b, a, b, a, b].map(({ commands }) => commands.execute(new RecordOnlineSnapshotCommand())),
    );
    const rows = await owner.rows<{ minutes: number; n: number }>(
      `SELECT count(*)::int AS n, count(DISTINCT date_trunc('minute', ts))::int AS minutes,
              bool_and(ts = date_trunc('minute', ts)) AS whole, max(online_count) AS online
       FROM analytics_online_snapshots`,
    );
    // The replicas store two snapshots when the minute changes meanwhile.
    const won = taken.filter(({ recorded }) => recorded).length;
    expect(rows).toEqual([{ n: won, minutes: won, whole: true, online: 4 }]);
    expect([1, 2]).toContain(won);
  });

  it('import history once, when both are told to', async () => {
    const events = Array.from({ length: 50 }, (_, i) => ({
      eventName: 'app_session_start',
      installId: `install-history-${i % 20}`,
      clientTs: Date.parse('2018-11-05T04:00:00Z') / 1000 + i,
    }));
    const results = await Promise.all(
      [a, b].map(({ commands }) =>
        commands.execute(new ImportEventsCommand(toLines(events), { signal: new AbortController().signal })),
      ),
    );
    expect(results.reduce((sum, { accepted }) => sum + accepted, 0)).toBe(50);
    await Promise.all([a, b].map(({ rollup }) => rollup.calculateDue(now)));
    expect(await statsOf('2018-11-05')).toEqual({ dau_count: 20, version: 1 });
  });
});

describe('the audit', () => {
  it('finds no drift after these calculations', async () => {
    for (const day of [...DAYS, '2018-11-05']) {
      const size = people.get(day)?.size ?? 20;
      expect(await audit(day)).toMatchObject({
        day,
        log: size,
        activeSet: size,
        stored: size,
        drift: [],
      });
    }
    expect(await audit(addDaysToKey(today, -5))).toMatchObject({
      log: 0,
      activeSet: 0,
      stored: null,
      drift: [],
    });
  });

  it('finds an identity missing in the active set', async () => {
    const { n } = (
      await owner.rows<{ n: number }>(
        `WITH gone AS (DELETE FROM analytics_daily_actives WHERE day = $1::date AND level = 1 AND place = '广东省'
                     RETURNING identity) SELECT count(*)::int AS n FROM gone`,
        [PAST],
      )
    )[0]!;
    expect(n).toBeGreaterThan(0);
    expect((await audit(PAST)).drift).toEqual([`active set says 0 in province "广东省", the log ${n}`]);
  });

  it('finds an identity in the active set that the log lacks', async () => {
    const day = DAYS[1]!;
    const size = people.get(day)!.size;
    await seed(owner, 'analytics_daily_actives', [{ day, level: 0, place: '', identity: 'u:999999' }]);
    expect(await audit(day)).toMatchObject({
      log: size,
      activeSet: size + 1,
      drift: [`active set says ${size + 1} in all, the log ${size}`],
    });
  });

  it('finds stored figures that differ from the log', async () => {
    await owner.rows(
      'UPDATE analytics_daily_active_users SET dau_count = dau_count + 3 WHERE day = $1::date',
      ['2018-11-05'],
    );
    expect((await audit('2018-11-05')).drift).toEqual(['stored stats says 23 in all, the log 20']);
  });

  it('finds a live figure outside the tolerance of the estimate', async () => {
    await redis.client.del(`analytics:dau:${today}`);
    await redis.client.pfadd(`analytics:dau:${today}`, 'u:1');
    const { drift } = await audit(today);
    expect(drift).toEqual([expect.stringMatching(/^live DAU says 1, the log \d+/)]);
  });
});

/** Yields each event as a line of an import file. */
async function* toLines(events: readonly object[]): AsyncGenerator<Buffer> {
  for (const event of events) yield Buffer.from(JSON.stringify(event));
}
