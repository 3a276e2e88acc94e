import { beforeEach, describe, expect, it } from '@jest/globals';
import { RecordAccountCreatedCommand } from '../../../../../src/application/commands/record-account-created/record-account-created.command.js';
import { RecordAccountCreatedHandler } from '../../../../../src/application/commands/record-account-created/record-account-created.handler.js';
import { EventRecorder } from '../../../../../src/application/services/event-recorder.service.js';
import { StaleDays } from '../../../../../src/application/services/stale-days.service.js';
import { RealtimeDauService } from '../../../../../src/application/services/realtime-dau.service.js';
import { UuidEventIdGenerator } from '../../../../../src/infrastructure/system/uuid-event-id-generator.js';
import { INSTALL, NOW, unixSeconds } from '../../../../support/builders.js';
import { FixedClock } from '../../../../support/contracts/clock/fake.js';
import { InMemoryEventLog } from '../../../../support/contracts/event-log-repository/fake.js';
import { InMemoryRealtimeDau } from '../../../../support/contracts/realtime-dau-repository/fake.js';
import { domainError } from '../../../expectations.js';

const LONG_AGO = Date.parse('2018-11-05T12:00:00+08:00') / 1000;

let eventLog: InMemoryEventLog;
let realtimeDau: InMemoryRealtimeDau;
let handler: RecordAccountCreatedHandler;

beforeEach(() => {
  const clock = new FixedClock();
  eventLog = new InMemoryEventLog();
  realtimeDau = new InMemoryRealtimeDau();
  const live = new RealtimeDauService(realtimeDau, new StaleDays(clock));
  handler = new RecordAccountCreatedHandler(
    clock,
    new UuidEventIdGenerator(),
    new EventRecorder(eventLog, live),
  );
});

function record(
  overrides: { origin?: string; userId?: unknown; installId?: unknown; occurredAt?: number } = {},
): Promise<void> {
  const {
    origin = 'identity-events/0/1',
    userId = '42',
    installId,
    occurredAt = unixSeconds(NOW),
  } = overrides;
  return handler.execute(new RecordAccountCreatedCommand(origin, userId, installId, occurredAt));
}

describe('RecordAccountCreatedHandler', () => {
  it('records an event that does not count for DAU', async () => {
    await record({ userId: '9223372036854775807', installId: INSTALL });
    expect(eventLog.logs).toHaveLength(1);
    const [log] = eventLog.logs;
    expect(log?.eventName.value).toBe('user_account_created');
    expect(log?.userId?.toString()).toBe('9223372036854775807');
    expect(log?.installId.value).toBe(INSTALL);
    expect(log?.eventTime).toEqual(NOW);
    expect(log?.properties.json).toBeNull();
    expect(log?.sessionStarted).toBeNull();
  });

  it.each([undefined, null])('records an account without an install: %p', async (installId) => {
    await record({ installId });
    expect(eventLog.logs[0]?.installId.value).toBe('identity-service');
  });

  it('records a message once when it is delivered again', async () => {
    await record();
    await record();
    expect(eventLog.logs).toHaveLength(1);
  });

  it('records messages of other offsets, partitions and topics', async () => {
    await record();
    await record({ origin: 'identity-events/0/2' });
    await record({ origin: 'identity-events/1/1' });
    await record({ origin: 'other/0/1' });
    expect(eventLog.logs).toHaveLength(4);
  });

  it('accepts a message of any age', async () => {
    await record({ occurredAt: LONG_AGO });
    expect(eventLog.logs[0]?.day).toBe('2018-11-05');
  });

  it.each([
    [{ userId: '0' }, 'user_id_invalid'],
    [{ userId: 2 ** 53 }, 'user_id_invalid'],
    [{ userId: null }, 'user_id_invalid'],
    [{ installId: 'short' }, 'install_id_invalid'],
    [{ installId: 42 }, 'install_id_invalid'],
    [{ installId: '00000000-0000-0000-0000-000000000000' }, 'install_id_constant'],
    [{ installId: 'undefined' }, 'install_id_constant'],
    [{ occurredAt: unixSeconds(NOW) + 3600 }, 'event_in_future'],
    [{ occurredAt: -1 }, 'client_ts_invalid'],
  ])('rejects %o', async (overrides, code) => {
    await expect(record(overrides)).rejects.toEqual(domainError(code));
    expect(eventLog.logs).toEqual([]);
  });

  it('names the field of the message in its error', async () => {
    await expect(record({ occurredAt: -1 })).rejects.toEqual(
      domainError('client_ts_invalid', {
        field: 'occurredAt',
        message: expect.stringMatching(/^occurredAt/),
      }),
    );
  });
});
