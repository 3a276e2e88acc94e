import { afterEach, describe, expect, it, jest } from '@jest/globals';

import { CalculateDauCommand } from '../../src/application/commands/calculate-dau/calculate-dau.command.js';
import { CalculateDauHandler } from '../../src/application/commands/calculate-dau/calculate-dau.handler.js';
import { GetActiveUsersQuery } from '../../src/application/queries/get-active-users/get-active-users.query.js';
import { GetLifecycleQuery } from '../../src/application/queries/get-lifecycle/get-lifecycle.query.js';
import { GetRetentionQuery } from '../../src/application/queries/get-retention/get-retention.query.js';
import { GetRollingActiveUsersQuery } from '../../src/application/queries/get-rolling-active-users/get-rolling-active-users.query.js';
import type { EventLog } from '../../src/domain/entities/event-log.entity.js';
import type { PlaceNaming } from '../../src/domain/value-objects/place-names.vo.js';
import { DauCalculationService } from '../../src/domain/services/dau-calculation.service.js';
import { openFigures, type ActivesFigures } from '../support/actives-figures.js';
import { ActivesModel, addDays, daysBetween, type ModelPlace } from '../../tools/model/actives-model.js';
import { eventLog } from '../support/builders.js';
import { clusterUrl } from '../support/citus/cluster.js';
import { FixedClock } from '../support/contracts/clock/fake.js';
import { areTablesDistributed, createTestDatabase, type TestDatabase } from '../support/database.js';
import { openErasure, openReplica, type Replica } from '../support/persistence.js';
import { pick, seededRandom, shuffled } from '../support/random.js';
import { RetentionStage } from '../support/retention/run.js';
import { intervalsOf } from '../support/span-intervals.js';
import {
  namesOf,
  SPELLED_CITIES,
  SPELLED_PROVINCES,
  spellingsOf,
  type NamedPlaces,
} from '../support/spelled-places.js';
import { openSql, type Sql } from '../support/sql.js';

/** Days of a history, with the one on which it plays. */
const DAYS = 23;
/** Both ends of a day of Shanghai, noon of UTC, and midnight of UTC and New York. */
const TIMES = [
  '00:00:00.000',
  '23:59:59.999',
  '20:00:00.000',
  '08:00:00.000',
  '12:00:00.000',
  '07:59:59.999',
];
/** A user whose id is the same digits as an install, and names with commas and quotes. */
const USERS = ['1', '2', '3', '42', '10000001', '9223372036854775807'];
const INSTALLS = ['10000001', 'install-00000002', 'install-00000003', 'install "4", {}'];
const ERASED = [
  ['user', '1'],
  ['user', '42'],
  ['install', '10000001'],
] as const;
const AFTER = [1, 2, 3, 7, 14, 21];

const noonOf = (day: string): string => `${day}T12:00:00.000+08:00`;

/** One service over one database, with a model of what it was told. */
class History {
  readonly model = new ActivesModel();
  readonly figures: ActivesFigures;
  readonly firstDay: string;
  /** Names that figures should have for the places of each event. */
  private readonly places = new Map<EventLog, NamedPlaces>();
  private readonly clock: FixedClock;
  private readonly calculators: readonly CalculateDauHandler[];

  private constructor(
    private readonly database: TestDatabase,
    readonly owner: Sql,
    readonly replicas: readonly [Replica, Replica],
    readonly random: () => number,
    readonly today: string,
    readonly naming: PlaceNaming,
  ) {
    this.firstDay = addDays(today, 1 - DAYS);
    this.clock = new FixedClock(noonOf(today));
    this.figures = openFigures(replicas[0].spans, this.clock, naming);
    this.calculators = replicas.map(
      ({ actives, bits, stats }) =>
        new CalculateDauHandler(this.clock, actives, bits, stats, new DauCalculationService()),
    );
  }

  static async start(seed: number, today: string, naming: PlaceNaming): Promise<History> {
    const database = await createTestDatabase();
    const open = () => openReplica(database.serviceUrl, new FixedClock(noonOf(today)), 3);
    const owner = await openSql(database.ownerUrl);
    return new History(database, owner, [open(), open()], seededRandom(seed), today, naming);
  }

  async close(): Promise<void> {
    await Promise.all([...this.replicas.map((replica) => replica.close()), this.owner.close()]);
    await this.database.drop();
  }

  session(): EventLog {
    const { random, today, naming } = this;
    const day = addDays(this.firstDay, Math.floor(random() * DAYS));
    const isUser = random() < 0.6;
    const [province, city] = [pick(random, SPELLED_PROVINCES), pick(random, SPELLED_CITIES)];
    const event = eventLog({
      at: `${day}T${day === today ? '00:00:00.000' : pick(random, TIMES)}+08:00`,
      userId: isUser ? pick(random, USERS) : null,
      installId: pick(random, INSTALLS),
      eventName: random() < 0.9 ? 'app_session_start' : 'song_played',
      properties: {
        ...(province.sent !== undefined && { province: province.sent }),
        ...(city.sent !== undefined && { city: city.sent }),
      },
      placeNaming: naming,
    });
    this.places.set(event, namesOf(naming, province, city));
    return event;
  }

  /** Stores events through one of the replicas, as requests and imports do. */
  async store(events: readonly EventLog[]): Promise<void> {
    await pick(this.random, this.replicas).eventLog.batchInsert(events);
    for (const event of events) {
      if (event.sessionStarted === null) continue;
      this.model.add({ day: event.day, identity: event.dauIdentifier, ...this.places.get(event) });
    }
  }

  calculate(day: string): Promise<unknown> {
    return pick(this.random, this.calculators).execute(new CalculateDauCommand(day));
  }

  /** Runs what the hourly rollups of both replicas do, at the same moment. */
  async rollUp(): Promise<void> {
    const due = await this.replicas[0].actives.findDueDays(this.today, this.clock.now(), 1000);
    const days = [...due, this.today];
    await Promise.all(
      [days, shuffled(this.random, days)].map(async (list) => {
        for (const day of list) await this.calculate(day);
      }),
    );
    // A replica may stop before it unites the weeks, and then they count no more until the next run.
    if (this.random() < 0.8) await this.uniteWeeks(pick(this.random, this.replicas));
  }

  private async uniteWeeks({ bits }: Replica): Promise<void> {
    for (const week of await bits.findWeeks(this.today, 3)) await bits.uniteWeek(week);
  }

  async erase([kind, id]: (typeof ERASED)[number]): Promise<void> {
    const identity = `${kind === 'user' ? 'u' : 'i'}:${id}`;
    await openErasure(this.database.ownerUrl).erase(
      { kind, id, identity },
      { signal: new AbortController().signal },
    );
    this.model.erase(identity);
  }

  /** Drops the log, the active set or both of some days that are settled, as retention does. */
  async drop(days: readonly string[]): Promise<number> {
    let dropped = 0;
    for (const day of days.filter(() => this.random() < 0.7)) {
      const version = (await this.replicas[0].stats.findByDate(day))?.version ?? null;
      for (const data of pick(this.random, [['events'], ['actives'], ['events', 'actives']] as const)) {
        const outcome = await pick(this.random, this.replicas).retention.drop(data, day, version);
        if (outcome === 'dropped' && data === 'actives' && version !== null) dropped++;
      }
    }
    return dropped;
  }

  /** Audits every day but today, which is never settled. */
  async expectNoDrift(): Promise<void> {
    const stage = new RetentionStage(this.replicas[1], this.clock);
    for (const day of this.model.days().filter((each) => each < this.today)) {
      const { drift } = await stage.audit(day);
      expect({ day, drift: [...drift, ...(await stage.auditBits(day))] }).toEqual({ day, drift: [] });
    }
    expect(await this.replicas[1].bits.compareWeeks(this.firstDay, this.today)).toEqual([]);
  }
}

/** A history sends some thousands of statements, which take their time beside other suites. */
jest.setTimeout(clusterUrl() === null ? 120_000 : 300_000);

let history: History;

afterEach(() => history.close());

/** Compares every figure with the model, for ranges and places at random. */
async function expectEveryFigure(history: History): Promise<void> {
  const { model, figures, owner, random, firstDay, today } = history;
  for (const level of ['province', 'city'] as const) {
    const [first, last] = rangeOf(history);
    const days = daysBetween(first, last);
    const { data } = await figures.activeUsers.execute(
      new GetActiveUsersQuery(first, last, 'span', { breakdown: level }),
    );
    expect(data).toEqual([
      {
        ...model.span(first, last),
        isFinal: last < today,
        [level === 'province' ? 'byProvince' : 'byCity']: model.countByPlace(level, days),
      },
    ]);
  }
  for (const place of [null, placeOf(random, model), placeOf(random, model)]) {
    const filter = place === null ? {} : { [place.level]: spellingOf(history, place) };
    const [first, last] = rangeOf(history);
    const days = daysBetween(first, last);
    for (const interval of ['day', 'week', 'month', 'span'] as const) {
      const { data } = await figures.activeUsers.execute(
        new GetActiveUsersQuery(first, last, interval, filter),
      );
      const expected = intervalsOf(first, last, interval).map(([start, end]) => ({
        ...model.span(start, end, place),
        isFinal: end < today,
      }));
      expect({ interval, place, data }).toEqual({ interval, place, data: expected });
    }
    for (const window of [1, 7, 30, 1 + Math.floor(random() * 40)]) {
      const { data } = await figures.rolling.execute(
        new GetRollingActiveUsersQuery(first, last, window, filter),
      );
      expect(data.map(({ stickiness: _, isFinal: __, ...figure }) => figure)).toEqual(
        days.map((day) => model.rolling(day, window, place)),
      );
    }
  }
  const whole = await figures.lifecycle.execute(new GetLifecycleQuery(firstDay, today));
  expect(whole.data.map(({ isFinal: _, ...figure }) => figure)).toEqual(
    daysBetween(firstDay, today).map((day) => model.lifecycle(day)),
  );
  for (const cohort of ['new', 'active'] as const) {
    const { data } = await figures.retention.execute(new GetRetentionQuery(firstDay, today, cohort, AFTER));
    expect(
      data.map(({ retained, ...row }) => ({
        ...row,
        retained: retained.map(({ rate: _, ...cell }) => cell),
      })),
    ).toEqual(
      daysBetween(firstDay, today).map((day) => model.retention(day, cohort, AFTER, addDays(today, -1))),
    );
  }
  const stored = await owner.rows(
    `SELECT to_char(day, 'YYYY-MM-DD') AS day, dau_count AS "dauCount", dau_by_province AS "byProvince", dau_by_city AS "byCity"
     FROM analytics_daily_active_users ORDER BY analytics_daily_active_users.day`,
  );
  expect(stored).toEqual(
    model.days().map((day) => ({
      day,
      dauCount: model.active([day]).size,
      byProvince: model.countByPlace('province', [day]),
      byCity: model.countByPlace('city', [day]),
    })),
  );
}

function rangeOf({ random, firstDay }: History): [string, string] {
  const [a, b] = [Math.floor(random() * DAYS), Math.floor(random() * DAYS)];
  return [addDays(firstDay, Math.min(a, b)), addDays(firstDay, Math.max(a, b))];
}

function placeOf(random: () => number, model: ActivesModel): ModelPlace {
  const level = random() < 0.5 ? 'province' : 'city';
  return { level, name: pick(random, [...model.places(level, model.days()), 'nobody was here']) };
}

function spellingOf({ random, naming }: History, { level, name }: ModelPlace): string {
  return pick(random, spellingsOf(naming, level, name));
}

/** One history suffices on distributed tables: the model is the same. */
const HISTORIES = [
  { seed: 1, today: '2025-06-15', naming: 'canonical' },
  { seed: 2, today: '2025-06-15', naming: 'as-sent' },
  // Its weeks and its month lie on both sides of the year's end.
  { seed: 3, today: '2026-01-07', naming: 'canonical' },
] as const;
const RUN = HISTORIES.slice(0, areTablesDistributed() ? 1 : undefined);

describe.each(RUN)(
  'the figures of a random history (seed $seed, to $today, $naming)',
  ({ seed, today, naming }) => {
    it('equal a model of plain sets after late events, erasures, dropped days and imports into these', async () => {
      history = await History.start(seed, today, naming);
      const { random } = history;
      const events = Array.from({ length: 240 }, () => history.session());
      // The earliest third arrives last, by an import.
      const sorted = [...events].sort((a, b) => a.eventTime.getTime() - b.eventTime.getTime());
      const late = sorted.slice(0, events.length / 3);
      const onTime = shuffled(random, sorted.slice(events.length / 3));
      while (onTime.length > 0) {
        await history.store(onTime.splice(0, 1 + Math.floor(random() * 40)));
        if (random() < 0.5) await history.calculate(addDays(history.firstDay, Math.floor(random() * 22)));
        if (random() < 0.2) await history.rollUp();
      }
      await history.rollUp();
      await expectEveryFigure(history);
      await history.erase(ERASED[1]);
      await expectEveryFigure(history);
      const old = daysBetween(history.firstDay, addDays(today, -4));
      expect(await history.drop(old)).toBeGreaterThan(0);
      const strangers = Array.from({ length: 60 }, () => history.session());
      for (const part of [
        late.slice(0, 30),
        [...late.slice(30), ...strangers.slice(30)],
        strangers.slice(0, 30),
      ]) {
        await history.store(part);
        // The rollup comes afterwards: the dictionary does not know all identities yet.
        await history.erase(pick(random, ERASED));
        if (random() < 0.5) await history.drop(old);
        await history.rollUp();
        await expectEveryFigure(history);
        await history.expectNoDrift();
        await history.erase(pick(random, ERASED));
        await history.drop(old);
      }
      await expectEveryFigure(history);
      await history.expectNoDrift();
    });
  },
);
