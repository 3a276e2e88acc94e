import { describe, expect, it } from '@jest/globals';

import { OnlineSnapshot } from '../../../../src/domain/entities/online-snapshot.entity.js';
import type { IOnlineSnapshotRepository } from '../../../../src/domain/repositories/online-snapshot.repository.interface.js';
import { useHarness, type RepositoryHarness } from '../use-harness.js';

const DAY = '2025-06-15T';
const at = (time: string) => new Date(`${DAY}${time}Z`);
const snapshot = (time: string, onlineCount: number) =>
  OnlineSnapshot.create({ takenAt: at(time), onlineCount, windowSeconds: 180 });

/** Describes what every {@link IOnlineSnapshotRepository} does. */
export function describeOnlineSnapshotRepository(
  adapter: string,
  start: () => Promise<RepositoryHarness<IOnlineSnapshotRepository>>,
): void {
  describe(`IOnlineSnapshotRepository: ${adapter}`, () => {
    let replica: IOnlineSnapshotRepository;
    let other: IOnlineSnapshotRepository;

    useHarness(start, (...opened) => {
      [replica, other] = opened;
    });

    async function taken(counts: Record<string, number>): Promise<void> {
      for (const [time, onlineCount] of Object.entries(counts))
        await replica.insert(snapshot(time, onlineCount));
    }

    const history = (from: string, to: string, interval: '1m' | '5m' | '1h') =>
      other.findHistory({ start: at(from), end: at(to) }, interval);

    it('keeps the first snapshot of a minute and returns false for a later one', async () => {
      expect(await replica.insert(snapshot('10:05:42.123', 17))).toBe(true);
      expect(await other.insert(snapshot('10:05:00.350', 18))).toBe(false);
      expect((await history('10:05:00', '10:06:00', '1m')).buckets).toEqual([
        { start: at('10:05:00'), min: 17, avg: 17, max: 17, samples: 1 },
      ]);
    });

    it('returns no buckets and no peak when the range has no snapshot', async () => {
      await taken({ '11:00:00': 5 });
      expect(await history('10:00:00', '11:00:00', '1m')).toEqual({ buckets: [], peak: null });
    });

    it('returns one bucket for each snapshot at 1m and none for a missed minute', async () => {
      await taken({ '10:00:00': 3, '10:01:00': 0, '10:03:00': 7 });
      const point = (time: string, n: number) => ({ start: at(time), min: n, avg: n, max: n, samples: 1 });
      expect(await history('10:00:00', '10:10:00', '1m')).toEqual({
        buckets: [point('10:00:00', 3), point('10:01:00', 0), point('10:03:00', 7)],
        peak: { ts: at('10:03:00'), onlineCount: 7 },
      });
    });

    it('summarizes five minutes in one bucket at 5m', async () => {
      await taken({
        '10:00:00': 1,
        '10:01:00': 2,
        '10:04:00': 4,
        '10:05:00': 9,
        '10:17:00': 6,
        '10:19:00': 3,
      });
      expect(await history('10:00:00', '10:20:00', '5m')).toEqual({
        buckets: [
          { start: at('10:00:00'), min: 1, avg: 2.33, max: 4, samples: 3 },
          { start: at('10:05:00'), min: 9, avg: 9, max: 9, samples: 1 },
          { start: at('10:15:00'), min: 3, avg: 4.5, max: 6, samples: 2 },
        ],
        peak: { ts: at('10:05:00'), onlineCount: 9 },
      });
    });

    it('summarizes whole hours of Shanghai at 1h', async () => {
      await taken({ '15:59:00': 10, '16:00:00': 20, '16:30:00': 40, '17:00:00': 5 });
      expect(await history('15:00:00', '18:00:00', '1h')).toEqual({
        buckets: [
          { start: at('15:00:00'), min: 10, avg: 10, max: 10, samples: 1 },
          { start: at('16:00:00'), min: 20, avg: 30, max: 40, samples: 2 },
          { start: at('17:00:00'), min: 5, avg: 5, max: 5, samples: 1 },
        ],
        peak: { ts: at('16:30:00'), onlineCount: 40 },
      });
    });

    it('includes the start of the range and excludes its end', async () => {
      await taken({ '09:59:00': 100, '10:00:00': 1, '10:59:00': 2, '11:00:00': 100 });
      for (const interval of ['1m', '5m', '1h'] as const) {
        const { buckets, peak } = await history('10:00:00', '11:00:00', interval);
        expect(buckets.reduce((sum, { samples }) => sum + samples, 0)).toBe(2);
        expect(peak).toEqual({ ts: at('10:59:00'), onlineCount: 2 });
      }
      // A bucket at the edge of the range counts the snapshots in the range alone.
      expect((await history('10:00:00.001', '11:00:00.001', '1h')).buckets).toEqual([
        { start: at('10:00:00'), min: 2, avg: 2, max: 2, samples: 1 },
        { start: at('11:00:00'), min: 100, avg: 100, max: 100, samples: 1 },
      ]);
    });

    it('returns the first minute with the highest count as the peak', async () => {
      await taken({ '10:02:00': 8, '10:03:00': 9, '10:04:00': 9, '10:31:00': 9, '11:00:00': 9 });
      for (const interval of ['1m', '5m', '1h'] as const) {
        const { peak } = await history('10:00:00', '12:00:00', interval);
        expect(peak).toEqual({ ts: at('10:03:00'), onlineCount: 9 });
      }
    });

    describe('the days of Shanghai', () => {
      const minute = at('17:00:00');

      it('tell when their last snapshot was taken, and null without any', async () => {
        // 16:00 in UTC is the first minute of the 16th in Shanghai.
        await taken({ '15:59:00': 1, '10:00:00': 3, '16:00:00': 2 });
        expect(await other.findLastInstant('2025-06-14', '2025-06-15')).toEqual(at('15:59:00'));
        expect(await other.findLastInstant('2025-06-15', '2025-06-16')).toEqual(at('16:00:00'));
        expect(await other.findLastInstant('2025-06-17', '2025-06-18')).toBeNull();
      });

      it('are summarized one by one, each with its first highest minute', async () => {
        // 15:59 and 16:00 in UTC are the last minute of the 15th and the first of the 16th in Shanghai.
        await taken({ '10:00:00': 3, '10:01:00': 8, '10:02:00': 8, '15:59:00': 1 });
        await taken({ '16:00:00': 2, '16:59:00': 5, '17:00:00': 4 });
        expect(await other.findDaily('2025-06-15', '2025-06-16', minute)).toEqual([
          {
            day: '2025-06-15',
            peak: { ts: at('10:01:00'), onlineCount: 8 },
            average: 5,
            samples: 4,
            samplesOfPast: 4,
          },
          {
            day: '2025-06-16',
            peak: { ts: at('16:59:00'), onlineCount: 5 },
            average: 3.67,
            samples: 3,
            samplesOfPast: 2,
          },
        ]);
      });

      it('include both ends of the range and no other day', async () => {
        await taken({ '15:59:00': 1, '16:00:00': 2 });
        const daysOf = async (first: string, last: string) =>
          (await other.findDaily(first, last, minute)).map(({ day }) => day);
        expect(await daysOf('2025-06-15', '2025-06-15')).toEqual(['2025-06-15']);
        expect(await daysOf('2025-06-16', '2025-06-16')).toEqual(['2025-06-16']);
        expect(await daysOf('2025-06-01', '2025-06-30')).toEqual(['2025-06-15', '2025-06-16']);
        expect(await daysOf('2025-06-17', '2025-06-17')).toEqual([]);
        for (const day of ['1970-01-01', '2100-12-31']) expect(await daysOf(day, day)).toEqual([]);
      });

      it('have no samples between the first snapshot and the minute that is not over, when none was taken', async () => {
        await taken({ '10:00:00': 3 });
        const later = new Date('2025-06-18T16:01:00Z');
        const days = await other.findDaily('2025-06-10', '2025-06-30', later);
        expect(days.map(({ day, samples }) => [day, samples])).toEqual([
          ['2025-06-15', 1],
          ['2025-06-16', 0],
          ['2025-06-17', 0],
          ['2025-06-18', 0],
          // Its first minute is over.
          ['2025-06-19', 0],
        ]);
        expect(days[1]).toEqual({
          day: '2025-06-16',
          peak: null,
          average: null,
          samples: 0,
          samplesOfPast: 0,
        });
        const [midnight] = await other.findDaily(
          '2025-06-19',
          '2025-06-19',
          new Date('2025-06-18T16:00:00Z'),
        );
        expect(midnight).toBeUndefined();
      });

      it('have a minute of nobody as a sample', async () => {
        await taken({ '10:00:00': 0 });
        expect(await other.findDaily('2025-06-15', '2025-06-15', minute)).toMatchObject([
          { peak: { ts: at('10:00:00'), onlineCount: 0 }, average: 0, samples: 1 },
        ]);
      });
    });

    it('returns the first minute with the highest count of all time as the record', async () => {
      expect(await other.findRecord()).toBeNull();
      await taken({ '10:05:00': 9, '10:04:00': 9, '10:03:00': 8 });
      expect(await other.findRecord()).toEqual({ ts: at('10:04:00'), onlineCount: 9 });
    });
  });
}
