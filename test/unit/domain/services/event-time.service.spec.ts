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
  options: { skewMs?: number; maxAgeDays?: number | null } = {},
): EventTimes {
  const { skewMs = 0, maxAgeDays = 7 } = options;
  return new EventTimeService(maxAgeDays).resolve(clientTs, skewMs, NOW);
}

describe('clockSkewMs', () => {
  const skewOf = (sentAt: Date): number => clockSkewMs(unixSeconds(sentAt), NOW);

  it('is none without sentAt', () => {
    expect(clockSkewMs(undefined, NOW)).toBe(0);
  });

  it.each([0, 1, SECOND_MS, 5 * MINUTE_MS])('forgives %i ms, either way', (ms) => {
    expect(skewOf(earlier(NOW, ms))).toBe(0);
    expect(skewOf(later(NOW, ms))).toBe(0);
  });

  it('is positive for a device behind by 5 min + 1 ms', () => {
    expect(skewOf(earlier(NOW, 5 * MINUTE_MS + 1))).toBe(5 * MINUTE_MS + 1);
  });

  it('is negative for a device ahead by 5 min + 1 ms', () => {
    expect(skewOf(later(NOW, 5 * MINUTE_MS + 1))).toBe(-5 * MINUTE_MS - 1);
  });

  it('spans decades for a device that believes in 1970', () => {
    expect(clockSkewMs(12, NOW)).toBe(NOW.getTime() - 12 * SECOND_MS);
  });

  it('works in whole milliseconds', () => {
    expect(clockSkewMs(0.0004, NOW)).toBe(NOW.getTime());
  });
});

describe('EventTimeService', () => {
  it('takes the device at its word when its clock is right', () => {
    expect(resolve(unixSeconds(NOW))).toEqual({ eventTime: NOW, clientTime: NOW });
  });

  it('keeps fractions of a second, to the millisecond', () => {
    expect(resolve(unixSeconds(NOW) - 0.4567).eventTime).toEqual(earlier(NOW, 457));
  });

  describe('what is no number of Unix seconds', () => {
    it('refuses milliseconds', () => {
      expect(() => resolve(NOW.getTime())).toThrow(INVALID);
    });

    it('refuses milliseconds even of history, which may be of any age', () => {
      expect(() => resolve(NOW.getTime(), { maxAgeDays: null })).toThrow(INVALID);
    });

    it.each([NaN, 1e300, Infinity, -1, -Infinity])('refuses %d', (clientTs) => {
      expect(() => resolve(clientTs)).toThrow(INVALID);
    });

    it.each([undefined, null, '1736874000', '2025-01-15T01:00:00+08:00', {}, [], true])(
      'refuses %j',
      (clientTs) => {
        expect(() => resolve(clientTs)).toThrow(INVALID);
      },
    );
  });

  describe('the future', () => {
    it('takes exactly 10 minutes ahead', () => {
      const ahead = later(NOW, 10 * MINUTE_MS);
      expect(resolve(unixSeconds(ahead)).eventTime).toEqual(ahead);
    });

    it('refuses a millisecond more', () => {
      expect(() => resolve(unixSeconds(later(NOW, 10 * MINUTE_MS + 1)))).toThrow(IN_FUTURE);
    });

    it('refuses tomorrow', () => {
      expect(() => resolve(unixSeconds(later(NOW, DAY_MS)))).toThrow(IN_FUTURE);
    });

    it('refuses it in history too', () => {
      expect(() => resolve(unixSeconds(later(NOW, DAY_MS)), { maxAgeDays: null })).toThrow(IN_FUTURE);
    });

    it('says how far ahead it is, and what would help', () => {
      const message: unknown = expect.stringMatching(/is 601 s in the future; 600 s are allowed.*sentAt/);
      expect(() => resolve(unixSeconds(later(NOW, 10 * MINUTE_MS + 1)))).toThrow(
        domainError('event_in_future', { message }),
      );
    });
  });

  describe('the past', () => {
    it('takes exactly the maximum age', () => {
      const old = earlier(NOW, 7 * DAY_MS);
      expect(resolve(unixSeconds(old)).eventTime).toEqual(old);
    });

    it('refuses a millisecond more', () => {
      expect(() => resolve(unixSeconds(earlier(NOW, 7 * DAY_MS + 1)))).toThrow(TOO_OLD);
    });

    it('goes by the configured age', () => {
      const twoDaysOld = unixSeconds(earlier(NOW, 2 * DAY_MS));
      expect(() => resolve(twoDaysOld, { maxAgeDays: 1 })).toThrow(TOO_OLD);
      expect(resolve(twoDaysOld, { maxAgeDays: 2 }).eventTime).toEqual(earlier(NOW, 2 * DAY_MS));
    });

    it.each([0, 1, 86_400])('refuses %d s after 1970 began: a clock that was never set', (clientTs) => {
      expect(() => resolve(clientTs)).toThrow(TOO_OLD);
    });

    it('takes any age of history, to the beginning of 1970', () => {
      expect(resolve(0, { maxAgeDays: null }).eventTime).toEqual(new Date(0));
    });
  });

  describe('a wrong clock', () => {
    it('is corrected by the skew, and what the device said is kept beside', () => {
      const clientTime = earlier(NOW, 3 * DAY_MS);
      const skewMs = 3 * DAY_MS - 20 * SECOND_MS;
      expect(resolve(unixSeconds(clientTime), { skewMs })).toEqual({
        eventTime: earlier(NOW, 20 * SECOND_MS),
        clientTime,
      });
    });

    it('that believes in 1970 still tells the order and distance of its events', () => {
      // Sent at 100 s after 1970 began; the event was 40 s before that.
      expect(resolve(60, { skewMs: clockSkewMs(100, NOW) }).eventTime).toEqual(earlier(NOW, 40 * SECOND_MS));
    });

    it('that is years ahead is brought back', () => {
      const sentAt = later(NOW, 1000 * DAY_MS);
      const event = earlier(sentAt, MINUTE_MS);
      const skewMs = clockSkewMs(unixSeconds(sentAt), NOW);
      expect(resolve(unixSeconds(event), { skewMs }).eventTime).toEqual(earlier(NOW, MINUTE_MS));
    });

    it('is judged after the correction: an event may be in the future, or too old, by then', () => {
      expect(() => resolve(unixSeconds(NOW), { skewMs: 10 * MINUTE_MS + 1 })).toThrow(IN_FUTURE);
      expect(() => resolve(unixSeconds(NOW), { skewMs: -7 * DAY_MS - 1 })).toThrow(TOO_OLD);
    });

    it.each([
      ['latest sentAt', 99_999_999_999, 0],
      ['earliest sentAt', 0, 99_999_999_999],
    ])('of the %s there is gives a refusal, never an invalid time', (_, sentAt, clientTs) => {
      expect(() => resolve(clientTs, { skewMs: clockSkewMs(sentAt, NOW) })).toThrow(
        sentAt === 0 ? IN_FUTURE : TOO_OLD,
      );
    });
  });
});
