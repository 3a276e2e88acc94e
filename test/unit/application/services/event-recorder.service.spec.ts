import { Logger } from '@nestjs/common';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { EventRecorder } from '../../../../src/application/services/event-recorder.service.js';
import { StaleDays } from '../../../../src/application/services/stale-days.service.js';
import { RealtimeDauService } from '../../../../src/application/services/realtime-dau.service.js';
import { dependencyUnavailable } from '../../../../src/shared/exceptions/application.exception.js';
import { eventLog, TODAY, uuid } from '../../../support/builders.js';
import { FixedClock } from '../../../support/contracts/clock/fake.js';
import { InMemoryEventLog } from '../../../support/contracts/event-log-repository/fake.js';
import { InMemoryRealtimeDau } from '../../../support/contracts/realtime-dau-repository/fake.js';
import { applicationError } from '../../expectations.js';

Logger.overrideLogger(false);

let eventLogs: InMemoryEventLog;
let realtimeDau: InMemoryRealtimeDau;
let recorder: EventRecorder;

beforeEach(() => {
  eventLogs = new InMemoryEventLog();
  realtimeDau = new InMemoryRealtimeDau();
  recorder = new EventRecorder(
    eventLogs,
    new RealtimeDauService(realtimeDau, new StaleDays(new FixedClock())),
  );
});

describe('EventRecorder', () => {
  it('counts new events and duplicates, also duplicates within one call', async () => {
    await recorder.record([eventLog({ eventId: uuid(1) })]);
    const again = [uuid(1), uuid(2), uuid(2)].map((eventId) => eventLog({ eventId }));
    expect(await recorder.record(again)).toEqual({ accepted: 1, duplicates: 2 });
    expect(eventLogs.logs).toHaveLength(2);
  });

  it('makes no call for no events', async () => {
    eventLogs.failure = new Error('must not be asked');
    expect(await recorder.record([])).toEqual({ accepted: 0, duplicates: 0 });
  });

  it('adds stored events to the live DAU', async () => {
    await recorder.record([eventLog({ userId: '1' }), eventLog({ userId: '2' })]);
    expect(await realtimeDau.count(TODAY)).toBe(2);
  });

  it('trap 6: succeeds for stored events when the live DAU is unavailable', async () => {
    realtimeDau.failure = new Error('redis is away');
    expect(await recorder.record([eventLog()])).toEqual({ accepted: 1, duplicates: 0 });
  });

  it('trap 6: adds no event to the live DAU that was not stored', async () => {
    eventLogs.failure = dependencyUnavailable('database', new Error('away'));
    await expect(recorder.record([eventLog()])).rejects.toEqual(
      applicationError('database_unavailable', 'unavailable'),
    );
    expect(await realtimeDau.count(TODAY)).toBe(0);
  });
});
