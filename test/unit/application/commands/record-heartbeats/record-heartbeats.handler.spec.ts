import { beforeEach, describe, expect, it } from '@jest/globals';
import {
  RecordHeartbeatsCommand,
  type RecordHeartbeatsResult,
} from '../../../../../src/application/commands/record-heartbeats/record-heartbeats.command.js';
import { RecordHeartbeatsHandler } from '../../../../../src/application/commands/record-heartbeats/record-heartbeats.handler.js';
import { InProcessPresenceRepository } from '../../../../../src/infrastructure/in-process/in-process-presence.repository.js';
import { dependencyUnavailable } from '../../../../../src/shared/exceptions/application.exception.js';
import { INSTALL, later, NOW, unixSeconds } from '../../../../support/builders.js';
import { FixedClock } from '../../../../support/contracts/clock/fake.js';
import { CollectingPublisher } from '../../../../support/contracts/event-publisher/fake.js';
import { applicationError } from '../../../expectations.js';

let clock: FixedClock;
let presence: InProcessPresenceRepository;
let publisher: CollectingPublisher;
let handler: RecordHeartbeatsHandler;

beforeEach(() => {
  clock = new FixedClock();
  presence = new InProcessPresenceRepository();
  publisher = new CollectingPublisher();
  handler = new RecordHeartbeatsHandler(clock, presence, publisher);
});

function beat(...heartbeats: readonly unknown[]): Promise<RecordHeartbeatsResult> {
  return handler.execute(new RecordHeartbeatsCommand(heartbeats));
}

describe('RecordHeartbeatsHandler', () => {
  it('raises every user to the server’s time in whole seconds', async () => {
    clock.set(later(NOW, 999));
    const serverTs = unixSeconds(NOW);
    expect(await beat({ userId: '42', installId: INSTALL }, { userId: '43' })).toEqual({
      accepted: 2,
      failed: 0,
      serverTs,
    });
    expect(await presence.getUserLastHeartbeat(42n)).toBe(serverTs);
    expect(await presence.getUserLastHeartbeat(43n)).toBe(serverTs);
  });

  it('publishes one event for each heartbeat, and names the account where the install is not known', async () => {
    await beat({ userId: '1', installId: ` ${INSTALL} ` }, { userId: '1', installId: null });
    expect(publisher.events.map((event) => [event.subject, event.toPayload()])).toEqual([
      ['u:1', { userId: '1', installId: INSTALL, occurredAt: NOW.toISOString() }],
      ['u:1', { userId: '1', installId: 'account:1', occurredAt: NOW.toISOString() }],
    ]);
  });

  it.each([
    ['null', null, 'heartbeat_invalid', undefined],
    ['a text', '42', 'heartbeat_invalid', undefined],
    ['an array', ['42'], 'heartbeat_invalid', undefined],
    ['no user', { installId: INSTALL }, 'user_id_invalid', 'userId'],
    ['a number for the user', { userId: 42 }, 'user_id_invalid', 'userId'],
    ['2^63 for the user', { userId: '9223372036854775808' }, 'user_id_invalid', 'userId'],
    ['an empty user', { userId: '' }, 'user_id_invalid', 'userId'],
    ['a short install', { userId: '42', installId: 'short' }, 'install_id_invalid', 'installId'],
    ['a number for the install', { userId: '42', installId: 12345678 }, 'install_id_invalid', 'installId'],
    ['a shared install', { userId: '42', installId: '0'.repeat(16) }, 'install_id_constant', 'installId'],
    ['a long version', { userId: '42', appVersion: 'x'.repeat(65) }, 'heartbeat_invalid', 'appVersion'],
    ['a number for the version', { userId: '42', appVersion: 2 }, 'heartbeat_invalid', 'appVersion'],
  ])('rejects %s by its position, and records the neighbours', async (_, bad, code, field) => {
    const { accepted, failed, rejected } = await beat({ userId: '1' }, bad, { userId: '2' });
    expect({ accepted, failed }).toEqual({ accepted: 2, failed: 1 });
    expect(rejected).toEqual([
      { index: 1, code, ...(field !== undefined && { field }), message: expect.any(String) },
    ]);
    expect(await presence.countOnlineUsers(0)).toBe(2);
    expect(publisher.events).toHaveLength(2);
  });

  it('publishes and acknowledges nothing when the store does not answer', async () => {
    presence.updateUsersPresence = () => Promise.reject(dependencyUnavailable('redis', new Error('away')));
    await expect(beat({ userId: '1' }, null)).rejects.toEqual(
      applicationError('redis_unavailable', 'unavailable'),
    );
    expect(publisher.events).toEqual([]);
  });

  it('stores and acknowledges nothing when there is no room for the events', async () => {
    publisher.isFull = true;
    await expect(beat({ userId: '1' })).rejects.toEqual(applicationError('overloaded', 'unavailable'));
    expect(await presence.countOnlineUsers(0)).toBe(0);
  });

  it('reserves a place for each good heartbeat, and leaves none behind when the store fails', async () => {
    presence.updateUsersPresence = () => {
      expect(publisher.reserved).toBe(2);
      return Promise.reject(dependencyUnavailable('redis', new Error('away')));
    };
    await expect(beat({ userId: '1' }, null, { userId: '2' })).rejects.toThrow();
    expect(publisher.reserved).toBe(0);
  });
});
