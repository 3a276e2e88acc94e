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
  const parser = new EventParser(new SequentialEventIds(), new EventTimeService(7));
  return parser.parse(items, { receivedAt: NOW, ...context });
}

/** What becomes of a single event: its rejection. */
function rejectionOf(item: unknown, context?: Partial<ParseContext>): unknown {
  const { events, rejected } = parse([item], context);
  expect(events).toEqual([]);
  return rejected[0];
}

describe('EventParser', () => {
  it('makes an event of the domain of a good one', () => {
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
        properties: { province: '广东' },
      },
    ]);
  });

  it('gives an id to an event without one', () => {
    const { events } = parse([eventItem(), eventItem({ eventId: null })]);
    expect(events.map(({ eventId }) => eventId.value)).toEqual([uuid(1), uuid(2)]);
  });

  it('trap 3: rejects bad events by index and code, and keeps their neighbours', () => {
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
  ])('rejects an event for its %s', (_, overrides, code, field) => {
    expect(rejectionOf(eventItem(overrides))).toMatchObject({
      index: 0,
      code,
      field,
      message: expect.any(String) as unknown,
    });
  });

  it.each([null, undefined, 'text', 5, true, [], [eventItem()]])('rejects %j, which is no object', (item) => {
    expect(rejectionOf(item)).toEqual({
      index: 0,
      code: 'event_invalid',
      message: expect.any(String) as unknown,
    });
  });

  it('lets what is no rejection through: a fault of ours must not be blamed on the client', () => {
    const broken = new (class extends SequentialEventIds {
      override next(): never {
        throw new Error('no entropy');
      }
    })();
    const parser = new EventParser(broken, new EventTimeService(7));
    expect(() => parser.parse([eventItem()], { receivedAt: NOW })).toThrow('no entropy');
  });

  describe('the user', () => {
    it.each([undefined, null, ''])('%j without a token is nobody', (userId) => {
      expect(parse([eventItem({ userId })]).events).toMatchObject([{ userId: null }]);
    });

    it.each([undefined, null, ''])('%j under a token is the user of the token', (userId) => {
      const { events } = parse([eventItem({ userId })], { authenticatedUserId: 42n });
      expect(events).toMatchObject([{ userId: { value: 42n } }]);
    });

    it('of the token may be named', () => {
      const { events } = parse([eventItem({ userId: '42' })], { authenticatedUserId: 42n });
      expect(events).toMatchObject([{ userId: { value: 42n } }]);
    });

    it('who is not the one of the token rejects that event, and only it', () => {
      const { events, rejected } = parse(
        [eventItem({ userId: '42' }), eventItem({ userId: '43' }), eventItem()],
        { authenticatedUserId: 42n },
      );
      expect(events.map(({ userId }) => userId?.value)).toEqual([42n, 42n]);
      expect(rejected).toMatchObject([{ index: 1, code: 'user_id_mismatch', field: 'userId' }]);
    });

    it('is compared by value, to the last digit', () => {
      expect(
        rejectionOf(eventItem({ userId: '9007199254740992' }), { authenticatedUserId: 9007199254740993n }),
      ).toMatchObject({ code: 'user_id_mismatch' });
    });
  });

  describe('echoes the event id of a rejected event', () => {
    const echoOf = (eventId: unknown): unknown => rejectionOf(eventItem({ eventId, userId: 'abc' }));

    it('as it was sent, so that the client finds it', () => {
      const sent = uuid(0xabc).toUpperCase();
      expect(echoOf(sent)).toMatchObject({ eventId: sent });
    });

    it('also when it is no UUID', () => {
      expect(rejectionOf(eventItem({ eventId: 'event 17' }))).toMatchObject({
        code: 'event_id_invalid',
        eventId: 'event 17',
      });
    });

    it('up to 36 characters, the length of a UUID: the answer must stay small', () => {
      expect(echoOf('x'.repeat(36))).toHaveProperty('eventId');
      expect(echoOf('x'.repeat(37))).not.toHaveProperty('eventId');
    });

    it.each([undefined, null, 17, { a: 1 }, ['x'], '\ud83d'])('but not %j', (eventId) => {
      expect(echoOf(eventId)).not.toHaveProperty('eventId');
    });
  });

  describe('a device’s clock', () => {
    it('that is off by more than 5 minutes is corrected for all events of the batch', () => {
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

    it('that is off by 5 minutes is not touched', () => {
      const sentAt = earlier(NOW, 5 * MINUTE_MS);
      const { events } = parse([eventItem({ clientTs: unixSeconds(sentAt) })], {
        sentAt: unixSeconds(sentAt),
      });
      expect(events).toMatchObject([{ eventTime: sentAt, isTimeCorrected: false }]);
    });
  });
});
