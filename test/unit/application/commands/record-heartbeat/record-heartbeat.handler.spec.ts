import { beforeEach, describe, expect, it } from '@jest/globals';
import {
  RecordHeartbeatCommand,
  type RecordHeartbeatResult,
} from '../../../../../src/application/commands/record-heartbeat/record-heartbeat.command.js';
import { RecordHeartbeatHandler } from '../../../../../src/application/commands/record-heartbeat/record-heartbeat.handler.js';
import { InProcessPresenceRepository } from '../../../../../src/infrastructure/in-process/in-process-presence.repository.js';
import { dependencyUnavailable } from '../../../../../src/shared/exceptions/application.exception.js';
import { INSTALL, later, NOW, unixSeconds } from '../../../../support/builders.js';
import { FixedClock } from '../../../../support/contracts/clock/fake.js';
import { CollectingPublisher } from '../../../../support/contracts/event-publisher/fake.js';
import { applicationError, domainError } from '../../../expectations.js';

let clock: FixedClock;
let presence: InProcessPresenceRepository;
let publisher: CollectingPublisher;
let handler: RecordHeartbeatHandler;

beforeEach(() => {
  clock = new FixedClock();
  presence = new InProcessPresenceRepository();
  publisher = new CollectingPublisher();
  handler = new RecordHeartbeatHandler(clock, presence, publisher);
});

function beat(options: { installId?: string; clientTs?: number } = {}): Promise<RecordHeartbeatResult> {
  const { installId = INSTALL, clientTs = unixSeconds(NOW) } = options;
  return handler.execute(new RecordHeartbeatCommand(42n, installId, '2.4.0', clientTs));
}

describe('RecordHeartbeatHandler', () => {
  it('returns the server’s time in whole seconds', async () => {
    clock.set(later(NOW, 999));
    expect(await beat()).toEqual({ ok: true, serverTs: unixSeconds(NOW) });
    expect(await presence.getUserLastHeartbeat(42n)).toBe(unixSeconds(NOW));
  });

  it.each([0, 1e12, -1])('uses the server’s clock and ignores the device’s: %d', async (clientTs) => {
    await beat({ clientTs });
    expect(await presence.getUserLastHeartbeat(42n)).toBe(unixSeconds(NOW));
  });

  it('trap 8: keeps a newer heartbeat of a replica whose clock is ahead', async () => {
    await presence.updateUserPresence(42n, unixSeconds(NOW) + 1);
    await beat();
    expect(await presence.getUserLastHeartbeat(42n)).toBe(unixSeconds(NOW) + 1);
  });

  it('publishes the event', async () => {
    await beat({ installId: ` ${INSTALL} ` });
    expect(publisher.events.map((event) => [event.eventType, event.toPayload()])).toEqual([
      ['presence.heartbeat.received', { userId: '42', installId: INSTALL, occurredAt: NOW.toISOString() }],
    ]);
  });

  it('rejects a bad install id and changes nothing', async () => {
    await expect(beat({ installId: 'short' })).rejects.toEqual(domainError('install_id_invalid'));
    expect(await presence.getUserLastHeartbeat(42n)).toBeNull();
    expect(publisher.events).toEqual([]);
  });

  it('publishes nothing for a heartbeat that was not stored', async () => {
    presence.updateUserPresence = () => Promise.reject(dependencyUnavailable('redis', new Error('away')));
    await expect(beat()).rejects.toEqual(applicationError('redis_unavailable', 'unavailable'));
    expect(publisher.events).toEqual([]);
  });
});
