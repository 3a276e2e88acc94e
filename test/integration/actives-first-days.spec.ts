import { beforeEach, describe, expect, it } from '@jest/globals';

import { eventLog, NOON, NOON_DAY } from '../support/builders.js';
import { isDistributed } from '../support/citus/tables.js';
import { FixedClock } from '../support/contracts/clock/fake.js';
import type { TestDatabase } from '../support/database.js';
import { openErasure, type Replica } from '../support/persistence.js';
import { RetentionStage } from '../support/retention/run.js';
import type { Sql } from '../support/sql.js';
import { useActives } from '../support/use-actives.js';

const EARLIER = '2025-06-01';
const DAY = '2025-06-10';
const NEXT = '2025-06-11';
const BUILT_AT = new Date('2025-06-14T04:00:00Z');
const MISSING = 'new users: 1 have this first day in the log and another one in the dictionary';
const SURPLUS =
  'new users: 1 have this first day in the dictionary and no event of it in the log, or an earlier one';

let database: TestDatabase;
let owner: Sql;
let replica: Replica;
let stage: RetentionStage;

useActives(1, ({ database: empty, owner: sql, replicas }) => {
  [database, owner] = [empty, sql];
  [replica] = replicas as [Replica];
  stage = new RetentionStage(replica, new FixedClock(NOON));
});

beforeEach(async () => {
  await replica.eventLog.batchInsert([
    seen(1, EARLIER),
    seen(1, DAY),
    seen(2, DAY),
    seen(2, NEXT),
    seen(3, NEXT),
  ]);
  for (const day of [NEXT, EARLIER, DAY]) await replica.bits.build(day, () => BUILT_AT);
  await owner.rows('DELETE FROM analytics_dau_pending');
});

const seen = (userId: number, day: string) =>
  eventLog({ userId: String(userId), at: `${day}T12:00:00+08:00` });

/** Gives a user a bit on a day without an event, as active and as new, and takes the bit as new of another day. */
async function forgeFirstDay(identity: string, forged: string, lost: string): Promise<void> {
  const bitOf = (day: string, kind: number, bit: 0 | 1): Promise<unknown> =>
    owner.rows(
      `UPDATE analytics_active_bits stored SET bits = set_bit(bits, id % 15872, ${bit}) FROM analytics_identities i
       WHERE identity = $1 AND stored.bucket = i.bucket AND chunk = id / 15872 AND stored.day = $2 AND kind = ${kind}`,
      [identity, day],
    );
  // The forged day has rows of bits in the bucket.
  await owner.rows(
    `INSERT INTO analytics_active_bits (day, kind, bucket, chunk, bits)
     SELECT $2::date, kind, bucket, id / 15872, repeat('0', 15872)::bit(15872)
     FROM analytics_identities, generate_series(0, 1) AS kind WHERE identity = $1 ON CONFLICT DO NOTHING`,
    [identity, forged],
  );
  await bitOf(forged, 0, 1);
  await bitOf(forged, 1, 1);
  await bitOf(lost, 1, 0);
  await owner.rows('UPDATE analytics_identities SET first_day = $2::date WHERE identity = $1', [
    identity,
    forged,
  ]);
}

describe('the comparison of new users with the first day in the log', () => {
  it('finds no drift after builds in any order', async () => {
    expect(await replica.bits.compareFirstDays(EARLIER, NEXT)).toEqual({
      differences: [],
      withoutLog: [],
      unsettled: [],
    });
  });

  it('compares in steps, each with a part of the identities, and says how many are done', async () => {
    for (const user of [1, 2, 3]) await forgeFirstDay(`u:${user}`, DAY, EARLIER);
    const steps: string[] = [];
    const { differences } = await replica.bits.compareFirstDays(EARLIER, NEXT, (done, of) =>
      steps.push(`${done}/${of}`),
    );
    expect(differences).toEqual([
      { day: EARLIER, missing: 1, surplus: 0 },
      { day: DAY, missing: 0, surplus: 2 },
      { day: NEXT, missing: 1, surplus: 0 },
    ]);
    const of = isDistributed(database.ownerUrl) ? 1 : 16;
    expect(steps).toEqual(Array.from({ length: of }, (_, n) => `${n + 1}/${of}`));
  });

  it('shows a new user who is hidden by a bit of an earlier day that is not audited', async () => {
    await forgeFirstDay('u:3', EARLIER, NEXT);
    expect(await stage.auditBits(NEXT)).toEqual([MISSING]);
    expect(await stage.auditFirstDays(EARLIER)).toEqual([SURPLUS]);
    expect(await stage.auditFirstDays(DAY)).toEqual([]);
  });

  it('shows a user who is new although an earlier day of the log, which is not audited, has an event', async () => {
    await forgeFirstDay('u:1', DAY, EARLIER);
    await owner.rows(`DELETE FROM analytics_active_bits WHERE day = '${EARLIER}'`);
    expect(await stage.auditBits(DAY)).toEqual([SURPLUS]);
  });

  it('leaves to the bits who was new on a day whose log was dropped, and names the day', async () => {
    await owner.rows(
      `INSERT INTO analytics_daily_active_users (day, dau_count, calculated_at) VALUES ('${EARLIER}', 1, $1)`,
      [BUILT_AT],
    );
    await owner.rows('DROP TABLE analytics_event_log_p20250601');
    expect(await replica.bits.compareFirstDays(EARLIER, NEXT)).toEqual({
      differences: [],
      withoutLog: [EARLIER],
      unsettled: [],
    });
    // An import makes a new partition, which holds a part of the day.
    await owner.rows(`SELECT analytics_ensure_partitions('${EARLIER}', '${EARLIER}')`);
    await replica.eventLog.batchInsert([seen(4, EARLIER)]);
    await replica.bits.build(EARLIER, () => BUILT_AT);
    await owner.rows('DELETE FROM analytics_dau_pending');
    expect(await replica.bits.compareFirstDays(EARLIER, NEXT)).toEqual({
      differences: [],
      withoutLog: [EARLIER],
      unsettled: [],
    });
  });

  it('waits with a day that gained events until it is built again', async () => {
    await replica.eventLog.batchInsert([seen(3, EARLIER)]);
    expect(await replica.bits.compareFirstDays(EARLIER, NEXT)).toEqual({
      differences: [],
      withoutLog: [],
      unsettled: [EARLIER],
    });
    await owner.rows('DELETE FROM analytics_dau_pending');
    expect(await stage.auditFirstDays(EARLIER)).toEqual([MISSING]);
    expect(await stage.auditFirstDays(NEXT)).toEqual([SURPLUS]);
  });

  it('does not compare today', async () => {
    await replica.eventLog.batchInsert([seen(5, NOON_DAY)]);
    await replica.bits.build(NOON_DAY, () => new Date(NOON));
    await owner.rows('DELETE FROM analytics_dau_pending');
    await replica.eventLog.batchInsert([seen(6, NOON_DAY)]);
    expect(await replica.bits.compareFirstDays(EARLIER, NOON_DAY)).toEqual({
      differences: [],
      withoutLog: [],
      unsettled: [NOON_DAY],
    });
  });

  it('finds no drift after an erasure, nor when the erased user comes back', async () => {
    const signal = new AbortController().signal;
    for (const id of ['1', '3'])
      await openErasure(database.ownerUrl).erase({ kind: 'user', id, identity: `u:${id}` }, { signal });
    await replica.eventLog.batchInsert([seen(1, NEXT)]);
    await replica.bits.build(NEXT, () => BUILT_AT);
    await owner.rows('DELETE FROM analytics_dau_pending');
    const { differences } = await replica.bits.compareFirstDays(EARLIER, NEXT);
    expect(differences).toEqual([]);
  });
});
