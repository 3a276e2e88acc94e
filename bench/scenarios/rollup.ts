import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { CommandBus } from '@nestjs/cqrs';

import type { ReadyConfiguration } from '../../src/config/configuration.js';
import type { IEventLogRepository } from '../../src/domain/repositories/event-log.repository.interface.js';
import { daysAgo } from '../../test/support/events.js';
import { TEST_JWT_SECRET } from '../../test/support/service.js';
import { compare, format, say, type BenchContext } from '../support/context.js';
import { elapsed } from '../support/elapsed.js';
import type { Comparison, Growth, GrowthPoint, Measured, Storage } from '../support/results.js';
import { median } from '../support/statistics.js';
import { activesOf, fillDay } from '../support/stored.js';

const BUILT = new URL('../../dist/src/', import.meta.url);
/** Parts of the large day, to see how the rollup grows. */
const PARTS = [0.1, 0.5, 1];
const SESSIONS_SQL = `
SELECT count(*) FROM analytics_event_log
WHERE event_name = 'app_session_start'
  AND event_time >= $1::date::timestamp AT TIME ZONE 'Asia/Shanghai'
  AND event_time < ($1::date + 1)::timestamp AT TIME ZONE 'Asia/Shanghai'
`;

/** The service's own command, on days that are full, beside what the log itself would take. */
export async function compareRollups(
  context: BenchContext,
): Promise<{ comparisons: Comparison[]; growth: Growth; storage: Storage }> {
  const { servers, extent } = context;
  const days = PARTS.map((part, index) => ({
    day: daysAgo(3 + index),
    events: Math.round(part * extent.dayEvents),
  }));
  for (const { day, events } of days) {
    say(`\nFilling ${day} with ${format(events)} events`);
    await fillDay(servers, day, events);
  }
  const large = days.at(-1) ?? { day: daysAgo(3), events: 0 };
  const { app, rollUp, queryLog } = await startApplication(context);
  try {
    const rollup = (day: string): Promise<Measured> => seconds(() => rollUp(day));
    /** Compiled by PostgreSQL or not, whichever is faster; the service's jobs are not. */
    const countSessions = async (day: string): Promise<Measured> => {
      const count = (): Promise<Measured> => seconds(() => servers.owner.query(SESSIONS_SQL, [day]));
      const compiled = await count();
      await servers.owner.query('SET jit = off');
      const plain = await count();
      await servers.owner.query('RESET jit');
      return compiled.value < plain.value ? compiled : plain;
    };
    // Not counted: code is compiled, and connections are made.
    const [small = large] = days;
    await countSessions(small.day);
    await queryLog(small.day);
    await rollup(small.day);
    const work = `Rollup of a day of ${format(large.events)} events`;
    const comparisons = [
      await compare(
        context,
        {
          id: 'rollup',
          work,
          limitedBy: 'count(*) of the day’s sessions in the log',
          unit: 's',
          goal: { atMost: 0.6 },
        },
        {
          limit: () => countSessions(large.day),
          service: () => rollup(large.day),
        },
      ),
      await compare(
        context,
        {
          id: 'rollup-log',
          work: `${work}, beside the log`,
          limitedBy: 'the right query on the log (the audit’s)',
          unit: 's',
          goal: { atMost: 0.1 },
        },
        {
          limit: () => seconds(() => queryLog(large.day)),
          service: () => rollup(large.day),
        },
      ),
    ];
    return {
      comparisons,
      growth: await growthOf(days, rollup, extent.rounds),
      storage: await storageOf(context, large),
    };
  } finally {
    await app.close();
  }
}

async function growthOf(
  days: readonly { readonly day: string; readonly events: number }[],
  rollup: (day: string) => Promise<Measured>,
  rounds: number,
): Promise<Growth> {
  const points: GrowthPoint[] = [];
  for (const { day, events } of days) {
    const values: number[] = [];
    for (let round = 0; round < rounds; round++) values.push((await rollup(day)).value);
    points.push({ millions: events / 1e6, value: median(values), rounds: values });
  }
  const [first, last] = [points[0], points.at(-1)];
  const grows = (last?.value ?? 0) / (first?.value ?? 1);
  const events = (last?.millions ?? 0) / (first?.millions ?? 1);
  say(`  ${format(events)} times the actives take ${format(grows)} times as long`);
  return {
    what: 'Rollup, by millions of events in the day',
    unit: 's',
    points,
    goal: 'no faster than actives',
    met: grows <= events,
  };
}

async function storageOf(
  { servers }: BenchContext,
  { day, events }: { readonly day: string; readonly events: number },
): Promise<Storage> {
  const suffix = `_p${day.replaceAll('-', '')}`;
  const { rows } = await servers.owner.query<{ log: number; actives: number }>(
    'SELECT pg_total_relation_size($1::regclass)::float8 AS log, pg_total_relation_size($2::regclass)::float8 AS actives',
    [`analytics_event_log${suffix}`, `analytics_daily_actives${suffix}`],
  );
  const [sizes = { log: 0, actives: 0 }] = rows;
  return { bytesPerEvent: sizes.log / events, bytesPerActive: sizes.actives / activesOf(events) };
}

interface Application {
  readonly app: INestApplicationContext;
  readonly rollUp: (day: string) => Promise<unknown>;
  readonly queryLog: (day: string) => Promise<unknown>;
}

/** The built service's code, in this process, so that the time is the command's and not that of a start. */
async function startApplication({ servers }: BenchContext): Promise<Application> {
  const [{ AppModule }, { CalculateDauCommand }, { loadConfiguration }, { EVENT_LOG_REPOSITORY }] =
    (await Promise.all(
      [
        'app.module.js',
        'application/commands/calculate-dau/calculate-dau.command.js',
        'config/configuration.js',
        'domain/repositories/event-log.repository.interface.js',
      ].map((file) => import(new URL(file, BUILT).href)),
    )) as [
      typeof import('../../src/app.module.js'),
      typeof import('../../src/application/commands/calculate-dau/calculate-dau.command.js'),
      typeof import('../../src/config/configuration.js'),
      typeof import('../../src/domain/repositories/event-log.repository.interface.js'),
    ];
  const config = loadConfiguration({ ...servers.env, JWT_SECRET: TEST_JWT_SECRET });
  const url = servers.database.serviceUrl;
  const ready: ReadyConfiguration = {
    ...config,
    database: { ...config.database, url, migrationUrl: servers.database.ownerUrl, isEmbedded: false },
  };
  const app = await NestFactory.createApplicationContext(AppModule.register(ready, { role: 'command' }), {
    logger: ['warn', 'error'],
    abortOnError: false,
  });
  const log = app.get<IEventLogRepository>(EVENT_LOG_REPOSITORY, { strict: false });
  return {
    app,
    rollUp: (day) => app.get(CommandBus).execute(new CalculateDauCommand(day)),
    queryLog: (day) => log.queryDau(day),
  };
}

async function seconds(work: () => Promise<unknown>): Promise<Measured> {
  return { value: (await elapsed(work)).ms / 1000 };
}
