import { Logger } from '@nestjs/common';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { RemoveExpiredPresenceHandler } from '../../../../../src/application/commands/remove-expired-presence/remove-expired-presence.handler.js';
import { TimeWindow } from '../../../../../src/domain/value-objects/time-window.vo.js';
import { InProcessPresenceRepository } from '../../../../../src/infrastructure/in-process/in-process-presence.repository.js';
import { NOW, unixSeconds } from '../../../../support/builders.js';
import { FixedClock } from '../../../../support/contracts/clock/fake.js';
import { InMemoryJobLock } from '../../../../support/contracts/job-lock/fake.js';

Logger.overrideLogger(false);

const now = unixSeconds(NOW);

let presence: InProcessPresenceRepository;
let lock: InMemoryJobLock;

beforeEach(() => {
  presence = new InProcessPresenceRepository();
  lock = new InMemoryJobLock();
});

function remove(): Promise<void> {
  return new RemoveExpiredPresenceHandler(new FixedClock(), presence, lock).execute();
}

describe('RemoveExpiredPresenceHandler', () => {
  it('removes a user last seen five minutes ago and keeps one seen a second later', async () => {
    await presence.updateUserPresence(1n, now - 300);
    await presence.updateUserPresence(2n, now - 299);
    await remove();
    expect(await presence.getUserLastHeartbeat(1n)).toBeNull();
    expect(await presence.getUserLastHeartbeat(2n)).not.toBeNull();
  });

  it('keeps every user who is online, with room for heartbeats that are late', () => {
    expect(TimeWindow.KEPT_SECONDS).toBeGreaterThanOrEqual(
      TimeWindow.DEFAULT_ONLINE_WINDOW_SECONDS + 2 * TimeWindow.DEFAULT_HEARTBEAT_INTERVAL_SECONDS,
    );
  });

  it('leaves the removal to another replica that has begun it', async () => {
    lock.heldElsewhere.add('presence-cleanup');
    await presence.updateUserPresence(1n, now - 300);
    await remove();
    expect(await presence.getUserLastHeartbeat(1n)).not.toBeNull();
  });
});
