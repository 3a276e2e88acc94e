import { beforeEach, describe, expect, it } from '@jest/globals';

import { GetDailyOnlineHandler } from '../../../../../src/application/queries/get-daily-online/get-daily-online.handler.js';
import {
  GetDailyOnlineQuery,
  type DailyOnlineResult,
} from '../../../../../src/application/queries/get-daily-online/get-daily-online.query.js';
import { OnlineSnapshot } from '../../../../../src/domain/entities/online-snapshot.entity.js';
import { addDaysToKey, dayRange } from '../../../../../src/shared/utils/timezone.util.js';
import { later, MINUTE_MS, SECOND_MS, TODAY, YESTERDAY } from '../../../../support/builders.js';
import { FixedClock } from '../../../../support/contracts/clock/fake.js';
import { InMemoryOnlineSnapshots } from '../../../../support/contracts/online-snapshot-repository/fake.js';
import { applicationError } from '../../../expectations.js';

let snapshots: InMemoryOnlineSnapshots;

beforeEach(() => {
  snapshots = new InMemoryOnlineSnapshots();
});

/** Takes snapshots of minutes of a day, counted from midnight in Shanghai. */
async function take(day: string, counts: Readonly<Record<number, number>>): Promise<void> {
  for (const [minute, onlineCount] of Object.entries(counts)) {
    const takenAt = later(dayRange(day).start, Number(minute) * MINUTE_MS);
    await snapshots.insert(OnlineSnapshot.create({ takenAt, onlineCount, windowSeconds: 180 }));
  }
}

function ask(now: Date, startDate = YESTERDAY, endDate = TODAY): Promise<DailyOnlineResult> {
  return new GetDailyOnlineHandler(new FixedClock(now), snapshots).execute(
    new GetDailyOnlineQuery(startDate, endDate),
  );
}

const inTheDay = (minutes: number, seconds = 0): Date =>
  later(dayRange(TODAY).start, minutes * MINUTE_MS + seconds * SECOND_MS);

describe('GetDailyOnlineHandler', () => {
  it('returns peak, mean and samples of each day, and the record of all days', async () => {
    await take('2025-01-01', { 700: 99 });
    await take(YESTERDAY, { 600: 4, 601: 7, 602: 7 });
    const { data, record } = await ask(inTheDay(120), YESTERDAY, YESTERDAY);
    const peak = { ts: later(dayRange(YESTERDAY).start, 601 * MINUTE_MS), onlineCount: 7 };
    expect(data).toMatchObject([{ day: YESTERDAY, peak, average: 6, samples: 3 }]);
    expect(record).toEqual({ ts: later(dayRange('2025-01-01').start, 700 * MINUTE_MS), onlineCount: 99 });
  });

  it('counts every minute of a past day without a snapshot as missed', async () => {
    await take(YESTERDAY, { 0: 1, 1439: 1 });
    expect((await ask(inTheDay(120), YESTERDAY, YESTERDAY)).data).toMatchObject([
      { samples: 2, missedMinutes: 1438 },
    ]);
  });

  it('counts every minute of a day without a snapshot as missed, which then has no peak and no mean', async () => {
    await take('2025-01-01', { 700: 99 });
    await take(TODAY, { 100: 4 });
    const none = { peak: null, average: null, samples: 0, missedMinutes: 1440 };
    const { data } = await ask(inTheDay(120), addDaysToKey(YESTERDAY, -1), addDaysToKey(TODAY, 3));
    expect(data).toMatchObject([
      { day: addDaysToKey(YESTERDAY, -1), ...none, isFinal: true },
      { day: YESTERDAY, ...none, isFinal: true },
      { day: TODAY, samples: 1, missedMinutes: 119, isFinal: false },
    ]);
  });

  it('has no day before the first snapshot of all time', async () => {
    await take(TODAY, { 0: 4 });
    expect((await ask(inTheDay(120), '2025-01-01')).data.map(({ day }) => day)).toEqual([TODAY]);
  });

  it('counts the minutes of today that are over while none has a snapshot', async () => {
    await take(YESTERDAY, { 0: 1 });
    expect((await ask(inTheDay(3, 30), TODAY)).data).toMatchObject([
      { day: TODAY, samples: 0, missedMinutes: 3 },
    ]);
  });

  it.each([
    ['before the snapshot of the minute is taken', { 0: 1, 1: 1 }, inTheDay(2, 0.2), 0],
    ['after it was taken', { 0: 1, 1: 1, 2: 1 }, inTheDay(2, 30), 0],
    ['with a minute missed', { 0: 1, 2: 1 }, inTheDay(3), 1],
    ['with nothing but the minute that runs', { 5: 1 }, inTheDay(5, 1), 5],
    ['with a snapshot that a clock ahead of time took', { 0: 1, 1: 1, 2: 1 }, inTheDay(1, 59), 0],
  ])('counts the minutes of today that are over, %s', async (_, counts, now, missedMinutes) => {
    await take(TODAY, counts);
    expect((await ask(now)).data).toMatchObject([{ day: TODAY, missedMinutes }]);
  });

  it.each([
    ['is not final before 01:00', inTheDay(59, 59), false],
    ['is final from 01:00', inTheDay(60), true],
  ])('yesterday %s', async (_, now, isFinal) => {
    await take(YESTERDAY, { 0: 1 });
    expect((await ask(now, YESTERDAY, YESTERDAY)).data).toMatchObject([{ day: YESTERDAY, isFinal }]);
  });

  it('tells the last snapshot of the range', async () => {
    await take(YESTERDAY, { 3: 1 });
    await take(TODAY, { 0: 1, 2: 1 });
    const { lastSnapshotAt } = await ask(inTheDay(5));
    expect(lastSnapshotAt).toEqual(inTheDay(2));
    expect((await ask(inTheDay(5), YESTERDAY, YESTERDAY)).lastSnapshotAt).toEqual(inTheDay(3 - 1440));
  });

  it('returns neither days nor a record before the first snapshot', async () => {
    expect(await ask(inTheDay(0))).toEqual({ data: [], lastSnapshotAt: null, record: null });
  });

  it.each([
    ['reversed', TODAY, YESTERDAY],
    ['of 367 days', '2024-01-01', '2025-01-01'],
    ['from a day that does not exist', '2025-02-29', '2025-03-01'],
  ])('rejects a range that is %s', async (_, first, last) => {
    await expect(ask(inTheDay(0), first, last)).rejects.toEqual(applicationError('date_range_invalid'));
  });
});
