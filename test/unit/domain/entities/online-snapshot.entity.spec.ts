import { describe, expect, it } from '@jest/globals';
import { OnlineSnapshot } from '../../../../src/domain/entities/online-snapshot.entity.js';
import { domainError } from '../../expectations.js';

function takenAt(instant: string): OnlineSnapshot {
  return OnlineSnapshot.create({ takenAt: new Date(instant), onlineCount: 1, windowSeconds: 180 });
}

describe('OnlineSnapshot', () => {
  it.each([
    '2025-01-15T10:00:00.000Z',
    '2025-01-15T10:00:00.004Z',
    '2025-01-15T10:00:31Z',
    '2025-01-15T10:00:59.499Z',
  ])('trap 9: truncates its time to the minute: %s', (instant) => {
    expect(takenAt(instant).ts).toEqual(new Date('2025-01-15T10:00:00Z'));
  });

  it('trap 9: belongs to the next minute when the timer fires 200 ms early', () => {
    expect(takenAt('2025-01-15T09:59:59.800Z').ts).toEqual(new Date('2025-01-15T10:00:00Z'));
  });

  it('tolerates half a second of an early timer and no more', () => {
    expect(takenAt('2025-01-15T09:59:59.500Z').ts).toEqual(new Date('2025-01-15T10:00:00Z'));
    expect(takenAt('2025-01-15T09:59:59.499Z').ts).toEqual(new Date('2025-01-15T09:59:00Z'));
  });

  it.each([0, 1, 2_000_000])('accepts a count of %i', (onlineCount) => {
    const snapshot = OnlineSnapshot.create({ takenAt: new Date(0), onlineCount, windowSeconds: 180 });
    expect(snapshot).toMatchObject({ onlineCount, windowSeconds: 180 });
  });

  it.each([-1, 1.5, NaN, Infinity])('rejects a count of %d', (onlineCount) => {
    expect(() => OnlineSnapshot.create({ takenAt: new Date(0), onlineCount, windowSeconds: 180 })).toThrow(
      domainError('online_count_invalid'),
    );
  });
});
