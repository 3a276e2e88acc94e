import { describe, expect, it } from '@jest/globals';
import {
  clockSkewMs,
  EventTimeService,
  type EventTimes,
} from '../../../../src/domain/services/event-time.service.js';
import { DAY_MS, earlier, later, MINUTE_MS, NOW, SECOND_MS, unixSeconds } from '../../../support/builders.js';
import { domainError } from '../../expectations.js';

const INVALID = domainError('client_ts_invalid', { field: 'clientTs' });
const IN_FUTURE = domainError('event_in_future', { field: 'clientTs' });
const TOO_OLD = domainError('event_too_old', { field: 'clientTs' });

function resolve(
  clientTs: unknown,
  options: { skewMs?: number; maxAgeDays?: number | null; hasSentAt?: boolean } = {},
): EventTimes {
  const { skewMs = 0, maxAgeDays = 7, hasSentAt = false } = options;
  return new EventTimeService(maxAgeDays).resolve(clientTs, skewMs, NOW, hasSentAt);
}

describe('clockSkewMs', () => {
  const skewOf = (sentAt: Date): number => clockSkewMs(unixSeconds(sentAt), NOW);

  it('is zero without sentAt', () => {
    expect(clockSkewMs(undefined, NOW)).toBe(0);
  });

  it.each([0, 1, SECOND_MS, 5 * MINUTE_MS])('is zero for %i ms in either direction', (ms) => {
    expect(skewOf(earlier(NOW, ms))).toBe(0);
    expect(skewOf(later(NOW, ms))).toBe(0);
  });

  it('is positive for a device behind by 5 min + 1 ms', () => {
    expect(skewOf(earlier(NOW, 5 * MINUTE_MS + 1))).toBe(5 * MINUTE_MS + 1);
  });

  it('is negative for a device ahead by 5 min + 1 ms', () => {
    expect(skewOf(later(NOW, 5 * MINUTE_MS + 1))).toBe(-5 * MINUTE_MS - 1);
  });

  it('spans decades for a device whose clock shows 1970', () => {
    expect(clockSkewMs(12, NOW)).toBe(NOW.getTime() - 12 * SECOND_MS);
  });

  it('is a whole number of milliseconds', () => {
    expect(clockSkewMs(0.0004, NOW)).toBe(NOW.getTime());
  });
});

describe('EventTimeService', () => {
  it('keeps the time of a device whose clock is right', () => {
    expect(resolve(unixSeconds(NOW))).toEqual({ eventTime: NOW, clientTime: NOW });
  });

  it('keeps milliseconds', () => {
    expect(resolve(unixSeconds(NOW) - 0.4567).eventTime).toEqual(earlier(NOW, 457));
  });

  describe('a value that is not Unix seconds', () => {
    it('is rejected when it is in milliseconds', () => {
      expect(() => resolve(NOW.getTime())).toThrow(INVALID);
    });

    it('is rejected in history when it is in milliseconds', () => {
      expect(() => resolve(NOW.getTime(), { maxAgeDays: null })).toThrow(INVALID);
    });

    it.each([NaN, 1e300, Infinity, -1, -Infinity])('is rejected: %d', (clientTs) => {
      expect(() => resolve(clientTs)).toThrow(INVALID);
    });

    it.each([undefined, null, '1736874000', '2025-01-15T01:00:00+08:00', {}, [], true])(
      'is rejected: %j',
      (clientTs) => {
        expect(() => resolve(clientTs)).toThrow(INVALID);
      },
    );
  });

  describe('a time in the future', () => {
    it('is accepted exactly 10 minutes ahead', () => {
      const ahead = later(NOW, 10 * MINUTE_MS);
      expect(resolve(unixSeconds(ahead)).eventTime).toEqual(ahead);
    });

    it('refuses a millisecond more', () => {
      expect(() => resolve(unixSeconds(later(NOW, 10 * MINUTE_MS + 1)))).toThrow(IN_FUTURE);
    });

    it('is rejected a day ahead', () => {
      expect(() => resolve(unixSeconds(later(NOW, DAY_MS)))).toThrow(IN_FUTURE);
    });

    it('is rejected in history', () => {
      expect(() => resolve(unixSeconds(later(NOW, DAY_MS)), { maxAgeDays: null })).toThrow(IN_FUTURE);
    });

    it('reports how far ahead it is and what would help', () => {
      const message: unknown = expect.stringMatching(/is 601 s in the future; 600 s are allowed.*sentAt/);
      expect(() => resolve(unixSeconds(later(NOW, 10 * MINUTE_MS + 1)))).toThrow(
        domainError('event_in_future', { message }),
      );
    });
  });

  describe('the next step for a time in the future', () => {
    const ahead = unixSeconds(later(NOW, DAY_MS));
    const stepOf = (options: Parameters<typeof resolve>[1]): unknown => {
      try {
        return resolve(ahead, options);
      } catch (error) {
        return (error as Error).message.split('are allowed. ')[1];
      }
    };

    it('is to send sentAt only while it is not sent', () => {
      expect(stepOf({ hasSentAt: false })).toBe('Send sentAt to have a wrong clock corrected');
      expect(stepOf({ hasSentAt: true })).not.toMatch(/send sentAt/i);
      expect(stepOf({ hasSentAt: true, skewMs: DAY_MS / 2 })).not.toMatch(/send sentAt/i);
    });

    it('is to correct clientTs where sentAt shows that the clock was set after the event', () => {
      expect(stepOf({ hasSentAt: true })).toMatch(/^sentAt agrees with the server.*correct clientTs/);
    });

    it('is to take sentAt anew where it is older than the event', () => {
      expect(stepOf({ hasSentAt: true, skewMs: DAY_MS / 2 })).toMatch(
        /^It is later than sentAt.*each attempt/,
      );
    });

    it('is to correct clientTs in history, which has no sentAt', () => {
      expect(stepOf({ maxAgeDays: null })).toBe('Correct clientTs');
    });
  });

  describe('a time in the past', () => {
    it('is accepted at exactly the maximum age', () => {
      const old = earlier(NOW, 7 * DAY_MS);
      expect(resolve(unixSeconds(old)).eventTime).toEqual(old);
    });

    it('refuses a millisecond more', () => {
      expect(() => resolve(unixSeconds(earlier(NOW, 7 * DAY_MS + 1)))).toThrow(TOO_OLD);
    });

    it('is limited by the configured age', () => {
      const twoDaysOld = unixSeconds(earlier(NOW, 2 * DAY_MS));
      expect(() => resolve(twoDaysOld, { maxAgeDays: 1 })).toThrow(TOO_OLD);
      expect(resolve(twoDaysOld, { maxAgeDays: 2 }).eventTime).toEqual(earlier(NOW, 2 * DAY_MS));
    });

    it.each([0, 1, 86_400])('is rejected %d s after 1970 began', (clientTs) => {
      expect(() => resolve(clientTs)).toThrow(TOO_OLD);
    });

    it('is accepted in history at any age since 1970', () => {
      expect(resolve(0, { maxAgeDays: null }).eventTime).toEqual(new Date(0));
    });
  });

  describe('a wrong clock', () => {
    it('is corrected by the skew, and the device time is kept', () => {
      const clientTime = earlier(NOW, 3 * DAY_MS);
      const skewMs = 3 * DAY_MS - 20 * SECOND_MS;
      expect(resolve(unixSeconds(clientTime), { skewMs })).toEqual({
        eventTime: earlier(NOW, 20 * SECOND_MS),
        clientTime,
      });
    });

    it('keeps the order and distance of events when it shows 1970', () => {
      // The device sends at second 100 of 1970, 40 s after the event.
      expect(resolve(60, { skewMs: clockSkewMs(100, NOW) }).eventTime).toEqual(earlier(NOW, 40 * SECOND_MS));
    });

    it('is corrected when it is years ahead', () => {
      const sentAt = later(NOW, 1000 * DAY_MS);
      const event = earlier(sentAt, MINUTE_MS);
      const skewMs = clockSkewMs(unixSeconds(sentAt), NOW);
      expect(resolve(unixSeconds(event), { skewMs }).eventTime).toEqual(earlier(NOW, MINUTE_MS));
    });

    it('is validated after the correction', () => {
      expect(() => resolve(unixSeconds(NOW), { skewMs: 10 * MINUTE_MS + 1 })).toThrow(IN_FUTURE);
      expect(() => resolve(unixSeconds(NOW), { skewMs: -7 * DAY_MS - 1 })).toThrow(TOO_OLD);
    });

    it.each([
      ['latest sentAt', 99_999_999_999, 0],
      ['earliest sentAt', 0, 99_999_999_999],
    ])('is rejected with the %s and makes no invalid time', (_, sentAt, clientTs) => {
      expect(() => resolve(clientTs, { skewMs: clockSkewMs(sentAt, NOW) })).toThrow(
        sentAt === 0 ? IN_FUTURE : TOO_OLD,
      );
    });
  });
});
