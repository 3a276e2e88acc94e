import { Logger } from '@nestjs/common';
import { beforeEach, describe, expect, it } from '@jest/globals';
import {
  RecordEventsCommand,
  type RecordEventsResult,
} from '../../../../../src/application/commands/record-events/record-events.command.js';
import { RecordEventsHandler } from '../../../../../src/application/commands/record-events/record-events.handler.js';
import { EventParser } from '../../../../../src/application/services/event-parser.service.js';
import { EventRecorder } from '../../../../../src/application/services/event-recorder.service.js';
import { StaleDays } from '../../../../../src/application/services/stale-days.service.js';
import { RealtimeDauService } from '../../../../../src/application/services/realtime-dau.service.js';
import { EventTimeService } from '../../../../../src/domain/services/event-time.service.js';
import { dependencyUnavailable } from '../../../../../src/shared/exceptions/application.exception.js';
import { eventsRejectedTotal, eventsTotal } from '../../../../../src/shared/metrics/metrics.js';
import {
  INSTALL,
  DAY_MS,
  earlier,
  eventItem,
  NOW,
  TODAY,
  unixSeconds,
  uuid,
  YESTERDAY,
} from '../../../../support/builders.js';
import { FixedClock } from '../../../../support/contracts/clock/fake.js';
import { SequentialEventIds } from '../../../../support/contracts/event-id-generator/fake.js';
import { InMemoryEventLog } from '../../../../support/contracts/event-log-repository/fake.js';
import { InMemoryRealtimeDau } from '../../../../support/contracts/realtime-dau-repository/fake.js';
import { applicationError } from '../../../expectations.js';

Logger.overrideLogger(false);

let clock: FixedClock;
let eventLog: InMemoryEventLog;
let realtimeDau: InMemoryRealtimeDau;
let handler: RecordEventsHandler;

beforeEach(() => {
  clock = new FixedClock();
  eventLog = new InMemoryEventLog();
  realtimeDau = new InMemoryRealtimeDau();
  handler = aHandler(true);
});

function aHandler(trustsUserId: boolean): RecordEventsHandler {
  return new RecordEventsHandler(
    clock,
    new EventParser(new SequentialEventIds(), new EventTimeService(7), 'canonical'),
    new EventRecorder(eventLog, new RealtimeDauService(realtimeDau, new StaleDays(clock))),
    trustsUserId,
  );
}

function record(
  events: readonly unknown[],
  context: { readonly sentAt?: number; readonly user?: bigint } = {},
): Promise<RecordEventsResult> {
  return handler.execute(new RecordEventsCommand(events, context.sentAt, context.user));
}

describe('RecordEventsHandler', () => {
  it('omits errors when every event is valid', async () => {
    expect(await record([eventItem(), eventItem()])).toStrictEqual({ accepted: 2, duplicates: 0, failed: 0 });
  });

  it('reports session starts of closed days by their index in the batch, beside other bad events', async () => {
    eventLog.actives.dropped.add(YESTERDAY);
    const ofYesterday = { clientTs: unixSeconds(earlier(NOW, DAY_MS)) };
    const result = await record([
      eventItem({ ...ofYesterday, eventId: uuid(1) }),
      eventItem(),
      eventItem({ userId: 'abc' }),
      eventItem({ ...ofYesterday, eventName: 'song_played' }),
      eventItem(ofYesterday),
    ]);
    expect(result).toMatchObject({ accepted: 2, duplicates: 0, failed: 3 });
    expect(result.rejected).toMatchObject([
      { index: 0, eventId: uuid(1), code: 'day_closed', field: 'clientTs' },
      { index: 2, code: 'user_id_invalid' },
      { index: 4, code: 'day_closed' },
    ]);
    expect(result.errors?.[0]).toBe(
      `Event[0]: clientTs must be of a day whose active users are still known, it is of ${YESTERDAY}: ` +
        'drop the event, the stored figures of that day stay as they are',
    );
  });

  it('stores the other events of a batch and reports the index and reason of a bad one', async () => {
    const result = await record([eventItem(), eventItem({ eventId: uuid(9), userId: 'abc' }), eventItem()]);
    const message =
      'userId must be a decimal string from "1" to "9223372036854775807", it is "abc": ' +
      'send the id of the logged-in user, or leave it out';
    expect(result).toStrictEqual({
      accepted: 2,
      duplicates: 0,
      failed: 1,
      errors: [`Event[1]: ${message}`],
      rejected: [{ index: 1, eventId: uuid(9), code: 'user_id_invalid', field: 'userId', message }],
    });
    expect(eventLog.logs).toHaveLength(2);
  });

  it('counts every event as accepted, duplicate or rejected', async () => {
    const batch = [
      eventItem({ eventId: uuid(1) }),
      eventItem({ eventId: uuid(1) }),
      eventItem({ eventId: uuid(2) }),
      eventItem({ clientTs: 0 }),
      'nonsense',
    ];
    const result = await record(batch);
    expect(result).toMatchObject({ accepted: 2, duplicates: 1, failed: 2 });
    expect(result.accepted + result.duplicates + result.failed).toBe(batch.length);
    expect(result.errors).toHaveLength(2);
    expect(result.rejected?.map(({ index }) => index)).toEqual([3, 4]);
  });

  it('answers a batch of bad events without a call to the log', async () => {
    eventLog.failure = new Error('must not be asked');
    expect(await record([eventItem({ installId: 'short' })])).toMatchObject({ accepted: 0, failed: 1 });
  });

  it('reports a repeated batch as duplicates', async () => {
    const batch = [eventItem({ eventId: uuid(1) }), eventItem({ eventId: uuid(2) })];
    await record(batch);
    expect(await record(batch)).toStrictEqual({ accepted: 0, duplicates: 2, failed: 0 });
  });

  it('trap 5: adds a late event to its own day', async () => {
    await record([eventItem({ clientTs: unixSeconds(earlier(NOW, DAY_MS)) })]);
    expect(await realtimeDau.count(YESTERDAY)).toBe(1);
    expect(await realtimeDau.count(TODAY)).toBe(0);
    expect(await eventLog.actives.count(YESTERDAY)).toMatchObject({ total: 1 });
  });

  it('trap 6: fails when the log is unavailable, so that the client retries', async () => {
    eventLog.failure = dependencyUnavailable('database', new Error('away'));
    await expect(record([eventItem()])).rejects.toEqual(
      applicationError('database_unavailable', 'unavailable'),
    );
  });

  it('trap 6: succeeds when only the live DAU is unavailable', async () => {
    realtimeDau.failure = new Error('redis is away');
    expect(await record([eventItem()])).toMatchObject({ accepted: 1 });
  });

  it('fills in the user of the token', async () => {
    await record([eventItem(), eventItem({ userId: '42' })], { user: 42n });
    expect(eventLog.logs.map(({ userId }) => userId?.value)).toEqual([42n, 42n]);
    expect(await realtimeDau.count(TODAY)).toBe(1);
  });

  it('corrects a device clock by the time of the request', async () => {
    const clientTs = 1000;
    await record([eventItem({ clientTs })], { sentAt: clientTs });
    expect(eventLog.logs[0]).toMatchObject({ eventTime: NOW, isTimeCorrected: true });
  });

  it('counts outcomes of events by reason', async () => {
    eventsTotal.reset();
    eventsRejectedTotal.reset();
    await record([
      eventItem({ eventId: uuid(1) }),
      eventItem({ eventId: uuid(1) }),
      eventItem({ clientTs: 0 }),
    ]);
    const valuesOf = async (metric: typeof eventsTotal | typeof eventsRejectedTotal): Promise<unknown> =>
      Object.fromEntries(
        (await metric.get()).values.map(({ labels, value }) => [Object.values(labels).join(), value]),
      );
    expect(await valuesOf(eventsTotal)).toEqual({ accepted: 1, duplicate: 1, rejected: 1 });
    expect(await valuesOf(eventsRejectedTotal)).toEqual({ event_too_old: 1 });
  });
});

describe('an untrusted user id in a body', () => {
  beforeEach(() => {
    handler = aHandler(false);
  });

  it('is dropped from an event without a token', async () => {
    expect(await record([eventItem({ userId: '42' })])).toMatchObject({ accepted: 1 });
    expect(eventLog.logs[0]?.userId).toBeNull();
    expect(eventLog.logs[0]?.dauIdentifier).toBe(`i:${INSTALL}`);
  });

  it('is rejected when it is malformed', async () => {
    expect(await record([eventItem({ userId: 'abc' })])).toMatchObject({
      rejected: [{ code: 'user_id_invalid' }],
    });
  });

  it('is accepted when the token names the same user', async () => {
    await record([eventItem({ userId: '42' })], { user: 42n });
    expect(eventLog.logs[0]?.userId?.value).toBe(42n);
  });
});
