import { randomUUID } from 'node:crypto';

import { describe, expect, it } from '@jest/globals';

import type { EventLog } from '../../src/domain/entities/event-log.entity.js';
import { eventAtNoon } from '../support/builders.js';
import type { Replica } from '../support/persistence.js';
import type { Sql } from '../support/sql.js';
import { outboxOf, storedEvent, timesStored } from '../support/stored-events.js';
import { useReplicas } from '../support/use-replicas.js';

const REPLICAS = 5;

let owner: Sql;
let replicas: readonly Replica[];
let replica: Replica;

useReplicas(REPLICAS, (stage) => {
  ({ owner, replicas } = stage);
  replica = replicas[0]!;
});

describe('an event from a device with a wrong clock', () => {
  const DEVICE = '2025-06-15T01:00:00.000Z';

  /** Returns the same event from a device clock that is off by some minutes. */
  const sent = (id: string, minutesOff: number): EventLog =>
    eventAtNoon({
      eventId: id,
      userId: '4711',
      clientTime: DEVICE,
      at: new Date(Date.parse(DEVICE) + minutesOff * 60_000).toISOString(),
    });

  it.each([
    ['corrected, then by a slightly different skew', [60, 60.01, 59.9]],
    ['corrected, then uncorrected', [5.1, 0]],
    ['uncorrected, then corrected', [0, 5.1]],
    ['corrected, then uncorrected, then corrected to another day', [5.1, 0, 24 * 60]],
    ['uncorrected, then corrected to another day and back', [0, -24 * 60, 0]],
  ])('is stored once: %s', async (_, minutes) => {
    const id = randomUUID();
    const verdicts: unknown[] = [];
    for (const [i, off] of minutes.entries()) {
      verdicts.push(...(await replicas[i % 2]!.eventLog.batchInsert([sent(id, off)])));
    }
    expect(verdicts).toEqual(minutes.map((_off, i) => i === 0));
    expect(await timesStored(owner, [sent(id, 0)])).toEqual([1]);
    expect((await storedEvent(owner, sent(id, 0))).event_time).toEqual(sent(id, minutes[0]!).eventTime);
    expect(await outboxOf(owner, [sent(id, 0)])).toHaveLength(1);
  });

  it('is stored once when replicas receive it with different skews at the same moment', async () => {
    const id = randomUUID();
    const answers = await Promise.all(
      replicas.map((r, i) => r.eventLog.batchInsert([sent(id, 30 + i), eventAtNoon()])),
    );
    expect(answers.filter(([isNew]) => isNew)).toHaveLength(1);
    expect(await timesStored(owner, [sent(id, 0)])).toEqual([1]);
  });

  it('is stored once within one batch', async () => {
    const id = randomUUID();
    expect(await replica.eventLog.batchInsert([sent(id, 30), sent(id, 0), sent(id, 31)])).toEqual([
      true,
      false,
      false,
    ]);
    expect(await timesStored(owner, [sent(id, 0)])).toEqual([1]);
  });

  it('counts on the day of its corrected time', async () => {
    const event = eventAtNoon({
      userId: '4712',
      clientTime: '2025-06-01T00:00:00.000Z',
      at: '2025-06-09T16:00:00.000Z',
    });
    await replica.eventLog.batchInsert([event]);
    expect(await owner.value("SELECT day::text FROM analytics_daily_actives WHERE identity = 'u:4712'")).toBe(
      '2025-06-10',
    );
  });

  it('loses its correction record after the age limit and not before', async () => {
    const [old, young] = [sent(randomUUID(), 30), sent(randomUUID(), 30)];
    await replica.eventLog.batchInsert([old, young]);
    await owner.rows(
      "UPDATE analytics_event_corrections SET created_at = '2020-01-01T00:00:00Z' WHERE event_id = $1",
      [old.eventId.value],
    );
    expect(await replica.eventLog.removeCorrections(new Date('2020-01-01T00:00:00Z'))).toBe(0);
    expect(await replica.eventLog.removeCorrections(new Date('2020-01-01T00:00:00.001Z'))).toBe(1);
    expect(await replica.eventLog.batchInsert([young])).toEqual([false]);
  });
});
