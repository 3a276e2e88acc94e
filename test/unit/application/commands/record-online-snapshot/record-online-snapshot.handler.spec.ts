import { beforeEach, describe, expect, it } from '@jest/globals';
import { RecordOnlineSnapshotHandler } from '../../../../../src/application/commands/record-online-snapshot/record-online-snapshot.handler.js';
import { OnlineDetectionService } from '../../../../../src/domain/services/online-detection.service.js';
import { InProcessPresenceRepository } from '../../../../../src/infrastructure/in-process/in-process-presence.repository.js';
import { dependencyUnavailable } from '../../../../../src/shared/exceptions/application.exception.js';
import { earlier, later, NOW, unixSeconds } from '../../../../support/builders.js';
import { FixedClock } from '../../../../support/contracts/clock/fake.js';
import { InMemoryOnlineSnapshots } from '../../../../support/contracts/online-snapshot-repository/fake.js';

const now = unixSeconds(NOW);

let clock: FixedClock;
let presence: InProcessPresenceRepository;
let snapshots: InMemoryOnlineSnapshots;

beforeEach(() => {
  clock = new FixedClock();
  presence = new InProcessPresenceRepository();
  snapshots = new InMemoryOnlineSnapshots();
});

function record(): Promise<{ recorded: boolean; onlineCount: number }> {
  return new RecordOnlineSnapshotHandler(clock, presence, snapshots, new OnlineDetectionService()).execute();
}

describe('RecordOnlineSnapshotHandler', () => {
  it('trap 8: counts online users by the strict comparison of every count', async () => {
    await presence.updateUserPresence(1n, now);
    await presence.updateUserPresence(2n, now - 179);
    await presence.updateUserPresence(3n, now - 180);
    expect(await record()).toEqual({ recorded: true, onlineCount: 2 });
    expect(snapshots.snapshots).toMatchObject([{ ts: NOW, onlineCount: 2, windowSeconds: 180 }]);
  });

  it('records zero online users', async () => {
    expect(await record()).toEqual({ recorded: true, onlineCount: 0 });
  });

  it('trap 9: keeps the first snapshot of two replicas in one minute', async () => {
    clock.set(later(NOW, 3));
    await record();
    await presence.updateUserPresence(1n, now);
    clock.set(later(NOW, 250));
    expect(await record()).toEqual({ recorded: false, onlineCount: 1 });
    expect(snapshots.snapshots).toMatchObject([{ ts: NOW, onlineCount: 0 }]);
  });

  it('trap 9: records the next minute when the timer fires slightly early', async () => {
    clock.set(earlier(NOW, 200));
    await record();
    clock.set(later(NOW, 59_900));
    await record();
    expect(snapshots.snapshots.map(({ ts }) => ts)).toEqual([NOW, later(NOW, 60_000)]);
  });

  it('stores nothing when a part of the users cannot be counted: a minute without a snapshot is absent', async () => {
    presence.countOnlineUsers = () => Promise.reject(dependencyUnavailable('redis', new Error('a shard')));
    await expect(record()).rejects.toMatchObject({ code: 'redis_unavailable' });
    expect(snapshots.snapshots).toEqual([]);
  });
});
