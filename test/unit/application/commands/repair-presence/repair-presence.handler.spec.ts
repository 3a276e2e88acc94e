import { Logger } from '@nestjs/common';
import { describe, expect, it } from '@jest/globals';
import { RepairPresenceHandler } from '../../../../../src/application/commands/repair-presence/repair-presence.handler.js';
import { OnlineDetectionService } from '../../../../../src/domain/services/online-detection.service.js';
import { InProcessPresenceRepository } from '../../../../../src/infrastructure/in-process/in-process-presence.repository.js';
import { NOW, unixSeconds } from '../../../../support/builders.js';
import { FixedClock } from '../../../../support/contracts/clock/fake.js';
import { InMemoryJobLock } from '../../../../support/contracts/job-lock/fake.js';

Logger.overrideLogger(false);

const now = unixSeconds(NOW);

function repair(
  clock: FixedClock,
  presence: InProcessPresenceRepository,
  lock = new InMemoryJobLock(),
): Promise<void> {
  return new RepairPresenceHandler(clock, presence, new OnlineDetectionService(), lock).execute();
}

describe('RepairPresenceHandler', () => {
  it('removes users whose heartbeat is in the future, and keeps those within the tolerance of clocks', async () => {
    const clock = new FixedClock();
    const presence = new InProcessPresenceRepository(clock);
    await presence.updateUserPresence(1n, now + 3600);
    await presence.updateUserPresence(2n, now + 6);
    await presence.updateUserPresence(3n, now + 5);
    await presence.updateUserPresence(4n, now - 60);
    await repair(clock, presence);
    expect(await presence.getUserLastHeartbeat(1n)).toBeNull();
    expect(await presence.getUserLastHeartbeat(2n)).toBeNull();
    expect(await presence.getUserLastHeartbeat(3n)).toBe(now + 5);
    expect(await presence.getUserLastHeartbeat(4n)).toBe(now - 60);
  });

  it('leaves the repair to another replica that has begun it', async () => {
    const presence = new InProcessPresenceRepository();
    const lock = new InMemoryJobLock();
    lock.heldElsewhere.add('presence-repair');
    await presence.updateUserPresence(1n, now + 3600);
    await repair(new FixedClock(), presence, lock);
    expect(await presence.getUserLastHeartbeat(1n)).toBe(now + 3600);
  });
});
