import { describe, expect, it } from '@jest/globals';
import type { EventItem } from '../../../../src/application/commands/record-events/record-events.command.js';
import {
  EventParser,
  type ParseContext,
  type ParsedEvents,
} from '../../../../src/application/services/event-parser.service.js';
import { EventTimeService } from '../../../../src/domain/services/event-time.service.js';
import {
  DAY_MS,
  earlier,
  eventItem,
  INSTALL,
  later,
  MINUTE_MS,
  NOW,
  unixSeconds,
  uuid,
  YESTERDAY,
} from '../../../support/builders.js';
import { SequentialEventIds } from '../../../support/contracts/event-id-generator/fake.js';

function parse(items: readonly unknown[], context: Partial<ParseContext> = {}): ParsedEvents {
  const parser = new EventParser(new SequentialEventIds(), new EventTimeService(7), 'canonical');
  return parser.parse(items, { receivedAt: NOW, ...context });
}

/** Returns the rejection of a single event. */
function rejectionOf(item: unknown, context?: Partial<ParseContext>): unknown {
  const { events, rejected } = parse([item], context);
  expect(events).toEqual([]);
  return rejected[0];
}

describe('EventParser', () => {
  it('parses a valid event', () => {
    const { events, rejected } = parse([
      eventItem({ eventId: uuid(7), userId: '42', properties: { province: '广东' } }),
    ]);
    expect(rejected).toEqual([]);
    expect(events).toMatchObject([
      {
        eventId: { value: uuid(7) },
        userId: { value: 42n },
        installId: { value: INSTALL },
        eventName: { value: 'app_session_start' },
        eventTime: NOW,
        clientTime: NOW,
        properties: { province: '广东省' },
      },
    ]);
  });

  it('generates an id for an event without one', () => {
    const { events } = parse([eventItem(), eventItem({ eventId: null })]);
    expect(events.map(({ eventId }) => eventId.value)).toEqual([uuid(1), uuid(2)]);
  });

  it('trap 3: rejects bad events by index and code and keeps the others', () => {
    const { events, rejected } = parse([
      eventItem({ installId: 'install-0' }),
      eventItem({ userId: 'abc' }),
      eventItem({ installId: 'install-2' }),
      eventItem({ userId: '9223372036854775808' }),
      eventItem({ installId: 'short' }),
      eventItem({ installId: 'install-5' }),
    ]);
    expect(events.map(({ installId }) => installId.value)).toEqual(['install-0', 'install-2', 'install-5']);
    expect(rejected.map(({ index, code }) => [index, code])).toEqual([
      [1, 'user_id_invalid'],
      [3, 'user_id_invalid'],
      [4, 'install_id_invalid'],
    ]);
  });

  it.each<[string, EventItem, string, string]>([
    ['name', { eventName: '1st' }, 'event_name_invalid', 'eventName'],
    ['install', { installId: 'a'.repeat(129) }, 'install_id_invalid', 'installId'],
    ['user', { userId: '0' }, 'user_id_invalid', 'userId'],
    ['time', { clientTs: NOW.getTime() }, 'client_ts_invalid', 'clientTs'],
    ['time, for it is missing', { clientTs: undefined }, 'client_ts_invalid', 'clientTs'],
    ['time, to come', { clientTs: unixSeconds(later(NOW, DAY_MS)) }, 'event_in_future', 'clientTs'],
    ['time, long ago', { clientTs: 0 }, 'event_too_old', 'clientTs'],
    ['properties', { properties: [] }, 'properties_invalid', 'properties'],
    ['province', { properties: { province: 'a'.repeat(129) } }, 'properties_invalid', 'properties.province'],
    ['id', { eventId: 'abc' }, 'event_id_invalid', 'eventId'],
  ])('rejects an event with a bad %s', (_, overrides, code, field) => {
    expect(rejectionOf(eventItem(overrides))).toMatchObject({
      index: 0,
      code,
      field,
      message: expect.any(String) as unknown,
    });
  });

  it.each([null, undefined, 'text', 5, true, [], [eventItem()]])(
    'rejects %j, which is not an object',
    (item) => {
      expect(rejectionOf(item)).toEqual({
        index: 0,
        code: 'event_invalid',
        message: expect.any(String) as unknown,
      });
    },
  );

  it('rethrows an error that is not a rejection', () => {
    const broken = new (class extends SequentialEventIds {
      override next(): never {
        throw new Error('no entropy');
      }
    })();
    const parser = new EventParser(broken, new EventTimeService(7), 'canonical');
    expect(() => parser.parse([eventItem()], { receivedAt: NOW })).toThrow('no entropy');
  });

  describe('the user', () => {
    it.each([undefined, null, ''])('is absent for %j without a token', (userId) => {
      expect(parse([eventItem({ userId })]).events).toMatchObject([{ userId: null }]);
    });

    it.each([undefined, null, ''])('is the user of the token for %j under a token', (userId) => {
      const { events } = parse([eventItem({ userId })], { authenticatedUserId: 42n });
      expect(events).toMatchObject([{ userId: { value: 42n } }]);
    });

    it('may repeat the user of the token', () => {
      const { events } = parse([eventItem({ userId: '42' })], { authenticatedUserId: 42n });
      expect(events).toMatchObject([{ userId: { value: 42n } }]);
    });

    it('rejects its event alone when it differs from the token', () => {
      const { events, rejected } = parse(
        [eventItem({ userId: '42' }), eventItem({ userId: '43' }), eventItem()],
        { authenticatedUserId: 42n },
      );
      expect(events.map(({ userId }) => userId?.value)).toEqual([42n, 42n]);
      expect(rejected).toMatchObject([{ index: 1, code: 'user_id_mismatch', field: 'userId' }]);
    });

    it.each([
      [true, 'its userId then counts'],
      [false, 'it then counts for its install'],
    ])(
      'is told, when it differs, what a repeat without a token does where a userId is trusted: %p',
      (trustsUserId, outcome) => {
        const foreign = eventItem({ userId: '43' });
        const { message } = rejectionOf(foreign, { authenticatedUserId: 42n, trustsUserId }) as {
          message: string;
        };
        expect(message).toContain(`Keep it and send it again without a token: ${outcome}`);
        const [repeated] = parse([foreign], { trustsUserId }).events;
        expect(repeated?.userId?.value ?? null).toBe(trustsUserId ? 43n : null);
      },
    );

    it('is compared to the last digit', () => {
      expect(
        rejectionOf(eventItem({ userId: '9007199254740992' }), { authenticatedUserId: 9007199254740993n }),
      ).toMatchObject({ code: 'user_id_mismatch' });
    });
  });

  describe('the echoed event id of a rejected event', () => {
    const echoOf = (eventId: unknown): unknown => rejectionOf(eventItem({ eventId, userId: 'abc' }));

    it('keeps the spelling of the client', () => {
      const sent = uuid(0xabc).toUpperCase();
      expect(echoOf(sent)).toMatchObject({ eventId: sent });
    });

    it('is echoed when it is not a UUID', () => {
      expect(rejectionOf(eventItem({ eventId: 'event 17' }))).toMatchObject({
        code: 'event_id_invalid',
        eventId: 'event 17',
      });
    });

    it('is cut off after 36 characters', () => {
      expect(echoOf('x'.repeat(36))).toHaveProperty('eventId');
      expect(echoOf('x'.repeat(37))).not.toHaveProperty('eventId');
    });

    it.each([undefined, null, 17, { a: 1 }, ['x'], '\ud83d'])('is omitted for %j', (eventId) => {
      expect(echoOf(eventId)).not.toHaveProperty('eventId');
    });
  });

  describe('a device clock', () => {
    it('is corrected for all events of a batch when it is off by more than 5 minutes', () => {
      // The device is two hours behind.
      const sentAt = earlier(NOW, 120 * MINUTE_MS);
      const { events } = parse(
        [
          eventItem({ clientTs: unixSeconds(sentAt) }),
          eventItem({ clientTs: unixSeconds(earlier(sentAt, 90 * MINUTE_MS)) }),
        ],
        { sentAt: unixSeconds(sentAt) },
      );
      expect(events.map(({ eventTime }) => eventTime)).toEqual([NOW, earlier(NOW, 90 * MINUTE_MS)]);
      expect(events.map(({ day }) => day)).toEqual(['2025-01-15', YESTERDAY]);
      expect(events.every(({ isTimeCorrected }) => isTimeCorrected)).toBe(true);
    });

    it('is not corrected when it is off by 5 minutes', () => {
      const sentAt = earlier(NOW, 5 * MINUTE_MS);
      const { events } = parse([eventItem({ clientTs: unixSeconds(sentAt) })], {
        sentAt: unixSeconds(sentAt),
      });
      expect(events).toMatchObject([{ eventTime: sentAt, isTimeCorrected: false }]);
    });
  });
});
