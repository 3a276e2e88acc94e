import { describe, expect, it } from '@jest/globals';

import type { ActiveCount } from '../../src/domain/value-objects/active-count.vo.js';
import { endsWithin } from '../../src/shared/utils/timeout.util.js';
import { describeEventLogRepository } from '../support/contracts/event-log-repository/contract.js';
import { activeCount, eventAtNoon } from '../support/builders.js';
import type { Replica } from '../support/persistence.js';
import { waitFor } from '../support/processes.js';
import { pick, seededRandom, shuffled } from '../support/random.js';
import { openSql, type Sql } from '../support/sql.js';
import { PARTITION_SQL } from '../support/stored-events.js';
import { useReplicas } from '../support/use-replicas.js';

let owner: Sql;
let replica: Replica;
let other: Replica;

let ownerUrl: string;

useReplicas(2, (stage) => {
  ({ owner } = stage);
  ({ ownerUrl } = stage.database);
  [replica, other] = stage.replicas as [Replica, Replica];
});

const activesOf = (day: string) =>
  owner.rows<{ level: number; place: string; identity: string }>(
    'SELECT level, place, identity FROM analytics_daily_actives WHERE day = $1::date ORDER BY level, place, identity',
    [day],
  );

/** Counts a day from the log and from the active set and expects the same figures. */
async function dauOf(day: string): Promise<ActiveCount> {
  const [fromLog, { marks: _, ...fromSet }, now] = await Promise.all([
    replica.eventLog.queryDau(day),
    other.actives.count(day),
    other.actives.countNow(day),
  ]);
  expect(fromSet).toEqual(fromLog);
  expect(now).toEqual(fromLog);
  return fromLog;
}

describeEventLogRepository('PostgreSQL', async () => ({
  open: () => replica,
  close: async () => {},
}));

describe('the active set of a day', () => {
  it('has one row for each identity and one for each of its places', async () => {
    const at = '2025-03-01T04:00:00.000Z';
    await replica.eventLog.batchInsert([
      eventAtNoon({ at, userId: '1', properties: { province: '广东', city: '深圳' } }),
      eventAtNoon({ at, userId: '1', properties: { province: '广东', city: '广州' } }),
      eventAtNoon({ at, userId: '1', properties: { province: '湖南', city: '长沙' } }),
      eventAtNoon({ at, userId: '2' }),
      eventAtNoon({ at, userId: '3', properties: { province: '  ', city: '' } }),
      eventAtNoon({ at, userId: '4', properties: { province: 7, city: ['深圳'] } }),
      eventAtNoon({ at, userId: '5', properties: { city: ' 深圳 ' } }),
      eventAtNoon({ at, userId: '6', eventName: 'song_played', properties: { province: '广东' } }),
    ]);
    expect(await activesOf('2025-03-01')).toEqual([
      ...['u:1', 'u:2', 'u:3', 'u:4', 'u:5'].map((identity) => ({ level: 0, place: '', identity })),
      { level: 1, place: '广东', identity: 'u:1' },
      { level: 1, place: '湖南', identity: 'u:1' },
      { level: 2, place: '广州', identity: 'u:1' },
      { level: 2, place: '深圳', identity: 'u:1' },
      { level: 2, place: '深圳', identity: 'u:5' },
      { level: 2, place: '长沙', identity: 'u:1' },
    ]);
    // User 1 counts once in total, and users without a province are not the grand total.
    expect(await dauOf('2025-03-01')).toEqual(
      activeCount(5, { 广东: 1, 湖南: 1 }, { 广州: 1, 深圳: 2, 长沙: 1 }),
    );
  });

  it('keeps a user and an install of the same name apart', async () => {
    const at = '2025-03-02T04:00:00.000Z';
    await replica.eventLog.batchInsert([
      eventAtNoon({ at, userId: '42424242', installId: 'install-of-42' }),
      eventAtNoon({ at, installId: '42424242' }),
      eventAtNoon({ at, installId: 'u:42424242' }),
      // A logged-in user counts as the user on every device.
      eventAtNoon({ at, userId: '42424242', installId: '42424242' }),
    ]);
    expect((await activesOf('2025-03-02')).map(({ identity }) => identity)).toEqual([
      'i:42424242',
      'i:u:42424242',
      'u:42424242',
    ]);
    expect((await dauOf('2025-03-02')).total).toBe(3);
  });
});

describe('the day of an event', () => {
  it('ends with its last millisecond in Shanghai', async () => {
    await replica.eventLog.batchInsert([
      eventAtNoon({ userId: '1', at: '2025-04-09T15:59:59.999Z' }),
      eventAtNoon({ userId: '2', at: '2025-04-09T16:00:00.000Z' }),
      eventAtNoon({ userId: '3', at: '2025-04-10T15:59:59.999Z' }),
      eventAtNoon({ userId: '4', at: '2025-04-10T16:00:00.000Z' }),
    ]);
    expect((await activesOf('2025-04-10')).map(({ identity }) => identity)).toEqual(['u:2', 'u:3']);
    expect((await dauOf('2025-04-09')).total).toBe(1);
    expect((await dauOf('2025-04-10')).total).toBe(2);
    expect((await dauOf('2025-04-11')).total).toBe(1);
    expect(
      await owner.rows(
        `SELECT ${PARTITION_SQL} AS partition, user_id FROM analytics_event_log
         WHERE event_time BETWEEN '2025-04-09T15:59:59.999Z' AND '2025-04-10T16:00:00Z' ORDER BY event_time`,
      ),
    ).toEqual([
      { partition: 'analytics_event_log_p20250409', user_id: '1' },
      { partition: 'analytics_event_log_p20250410', user_id: '2' },
      { partition: 'analytics_event_log_p20250410', user_id: '3' },
      { partition: 'analytics_event_log_p20250411', user_id: '4' },
    ]);
  });

  it.each(['2018-11-01', '2024-02-29', '2025-12-31', '2026-01-01'])(
    'gets its partitions on the first insert: %s',
    async (day) => {
      const partition = `analytics_event_log_p${day.replaceAll('-', '')}`;
      expect(await owner.value('SELECT to_regclass($1)', [partition])).toBeNull();
      const answers = await Promise.all(
        [replica, other].map((r) =>
          r.eventLog.batchInsert([eventAtNoon({ userId: '1', at: `${day}T00:30:00+08:00` })]),
        ),
      );
      expect(answers).toEqual([[true], [true]]);
      expect(await owner.value('SELECT to_regclass($1)::text', [partition])).toBe(partition);
      expect((await dauOf(day)).total).toBe(1);
    },
  );

  it('gets its partitions ahead of time, also from concurrent calls', async () => {
    await replica.eventLog.ensureDays('2025-08-30', '2025-09-02');
    await Promise.all([
      replica.eventLog.ensureDays('2025-08-30', '2025-09-03'),
      other.eventLog.ensureDays('2025-08-29', '2025-09-02'),
    ]);
    const partitions = await owner.rows<{ name: string }>(
      `SELECT relname AS name FROM pg_class WHERE relkind = 'r' AND relname ~ '_p2025(08|09)' ORDER BY 1`,
    );
    const days = ['20250829', '20250830', '20250831', '20250901', '20250902', '20250903'];
    expect(partitions.map(({ name }) => name)).toEqual([
      ...days.map((day) => `analytics_daily_actives_p${day}`),
      ...days.map((day) => `analytics_event_log_p${day}`),
    ]);
  });

  it.each([
    ['the log', ['analytics_event_log_p20250505']],
    ['the active set', ['analytics_daily_actives_p20250505']],
    ['both', ['analytics_event_log_p20250505', 'analytics_daily_actives_p20250505']],
  ])('gets its partitions again after those of %s were dropped', async (_, partitions) => {
    const session = (user: string) => eventAtNoon({ userId: user, at: '2025-05-05T04:00:00.000Z' });
    await replica.eventLog.batchInsert([session('1')]);
    for (const partition of partitions) await owner.rows(`DROP TABLE ${partition}`);
    expect(await replica.eventLog.batchInsert([session('2')])).toEqual([true]);
    expect(await replica.eventLog.batchInsert([session('3'), eventAtNoon()])).toEqual([true, true]);
    expect((await activesOf('2025-05-05')).map(({ identity }) => identity)).toEqual(
      expect.arrayContaining(['u:2', 'u:3']),
    );
  });
});

it('a day that has its partitions takes events while who makes those of another day waits, as for a frozen node', async () => {
  const at = '2025-03-10T04:00:00.000Z';
  await other.eventLog.batchInsert([eventAtNoon({ at })]);
  const maker = await openSql(ownerUrl);
  try {
    await maker.rows('BEGIN');
    await maker.rows("SELECT pg_advisory_xact_lock(hashtextextended('analytics_ensure_partitions', 0))");
    expect(await endsWithin(replica.eventLog.batchInsert([eventAtNoon({ at })]), 10_000)).toBe(true);
  } finally {
    await maker.rows('ROLLBACK');
    await maker.close();
  }
});

it('the event log and the active set agree with a plain count of random events on several days', async () => {
  const random = seededRandom(20_250_615);
  const days = ['2025-02-01', '2025-02-02', '2025-02-03', '2025-02-04'];
  const provinces = [
    '广东',
    '北京',
    '上海',
    '__proto__',
    'constructor',
    "'; DROP TABLE x; --",
    '',
    '   ',
    undefined,
    7,
  ];
  const cities = [
    '深圳',
    '广州',
    '北京',
    'São Paulo',
    '😀',
    'toString',
    '',
    null,
    undefined,
    { name: '深圳' },
  ];
  const expected = new Map(
    days.map((day) => [day, { all: new Set<string>(), places: new Map<string, Set<string>>() }]),
  );
  const events = Array.from({ length: 3_000 }, () => {
    const day = pick(random, days);
    const atMs = Date.parse(`${day}T00:00:00+08:00`) + Math.floor(random() * 86_400_000);
    const user = random() < 0.7 ? String(1 + Math.floor(random() * 250)) : null;
    const install = `install-${1 + Math.floor(random() * 250)}`;
    const name = random() < 0.8 ? 'app_session_start' : pick(random, ['song_played', 'app_session_end']);
    const [province, city] = [pick(random, provinces), pick(random, cities)];
    if (name === 'app_session_start') {
      const identity = user === null ? `install ${install}` : `user ${user}`;
      const { all, places } = expected.get(day)!;
      all.add(identity);
      for (const [level, place] of Object.entries({ province, city })) {
        if (typeof place !== 'string' || place.trim() === '') continue;
        const key = `${level} ${place}`;
        places.set(key, (places.get(key) ?? new Set()).add(identity));
      }
    }
    return eventAtNoon({
      userId: user,
      installId: install,
      eventName: name,
      at: new Date(atMs).toISOString(),
      properties: { province, city },
    });
  });
  // Two replicas insert each event twice in batches of every size.
  const queue = shuffled(random, [...events, ...events]);
  const batches: (typeof events)[] = [];
  while (queue.length > 0) batches.push(queue.splice(0, 1 + Math.floor(random() * 400)));
  // A busy machine may exceed the time limit of a request, and then the batch is sent again.
  await Promise.all(
    batches.map((batch, i) =>
      waitFor(() => (i % 2 === 0 ? replica : other).eventLog.batchInsert(batch), 20_000),
    ),
  );

  for (const day of days) {
    const { all, places } = expected.get(day)!;
    const of = (level: string) =>
      new Map(
        [...places]
          .filter(([key]) => key.startsWith(`${level} `))
          .map(([key, identities]) => [key.slice(level.length + 1), identities.size]),
      );
    expect(all.size).toBeGreaterThan(200);
    expect(await dauOf(day)).toEqual({ total: all.size, byProvince: of('province'), byCity: of('city') });
  }
});
