import { beforeEach, describe, expect, it } from '@jest/globals';
import { InProcessPresenceRepository } from '../../../../src/infrastructure/in-process/in-process-presence.repository.js';

describe('InProcessPresenceRepository', () => {
  let presence: InProcessPresenceRepository;

  beforeEach(() => {
    presence = new InProcessPresenceRepository();
  });

  it('returns null for a user without a heartbeat', async () => {
    expect(await presence.getUserLastHeartbeat(1n)).toBeNull();
    expect(await presence.countOnlineUsers(0)).toBe(0);
  });

  it('keeps the last heartbeat of each user', async () => {
    await presence.updateUserPresence(1n, 100);
    await presence.updateUserPresence(1n, 160);
    await presence.updateUserPresence(2n ** 63n - 1n, 50);
    expect(await presence.getUserLastHeartbeat(1n)).toBe(160);
    expect(await presence.getUserLastHeartbeat(2n ** 63n - 1n)).toBe(50);
  });

  it('trap 8: keeps the newer heartbeat when an older one arrives late', async () => {
    await presence.updateUserPresence(1n, 160);
    await presence.updateUserPresence(1n, 100);
    expect(await presence.getUserLastHeartbeat(1n)).toBe(160);
  });

  it('trap 8: counts a user as offline at the threshold and as online a second later', async () => {
    await presence.updateUserPresence(1n, 100);
    expect(await presence.countOnlineUsers(100)).toBe(0);
    expect(await presence.countOnlineUsers(99)).toBe(1);
  });

  it('counts a user with several heartbeats once', async () => {
    for (const seconds of [100, 101, 102]) await presence.updateUserPresence(1n, seconds);
    expect(await presence.countOnlineUsers(0)).toBe(1);
  });

  it('lists online users in the order of their last heartbeat when timestamps arrive out of order', async () => {
    await presence.updateUserPresence(1n, 102);
    await presence.updateUserPresence(2n, 101);
    await presence.updateUserPresence(3n, 100);
    expect(await presence.getOnlineUsers(100)).toEqual([2n, 1n]);
    expect(await presence.getOnlineUsers(99, 2)).toEqual([3n, 2n]);
  });

  it('removes the users whose last heartbeat is at or before the threshold, and no others', async () => {
    await presence.updateUserPresence(1n, 99);
    await presence.updateUserPresence(2n, 100);
    await presence.updateUserPresence(3n, 101);
    expect(await presence.removeExpiredUsers(100)).toBe(2);
    expect(await presence.removeExpiredUsers(100)).toBe(0);
    expect(await presence.getUserLastHeartbeat(2n)).toBeNull();
    expect(await presence.getUserLastHeartbeat(3n)).toBe(101);
  });
});
