import { beforeEach, describe, expect, it } from '@jest/globals';
import { InProcessPresenceRepository } from '../../../../src/infrastructure/in-process/in-process-presence.repository.js';

describe('InProcessPresenceRepository', () => {
  let presence: InProcessPresenceRepository;

  beforeEach(() => {
    presence = new InProcessPresenceRepository();
  });

  it('knows nothing of a user never heard of', async () => {
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

  it('trap 8: a late heartbeat does not move a user back', async () => {
    await presence.updateUserPresence(1n, 160);
    await presence.updateUserPresence(1n, 100);
    expect(await presence.getUserLastHeartbeat(1n)).toBe(160);
  });

  it('trap 8: at the threshold a user is offline, a second later online', async () => {
    await presence.updateUserPresence(1n, 100);
    expect(await presence.countOnlineUsers(100)).toBe(0);
    expect(await presence.countOnlineUsers(99)).toBe(1);
  });

  it('counts a user once, however often heard of', async () => {
    for (const seconds of [100, 101, 102]) await presence.updateUserPresence(1n, seconds);
    expect(await presence.countOnlineUsers(0)).toBe(1);
  });

  it('forgets who was last heard of at the threshold or before, and nobody else', async () => {
    await presence.updateUserPresence(1n, 99);
    await presence.updateUserPresence(2n, 100);
    await presence.updateUserPresence(3n, 101);
    expect(await presence.removeExpiredUsers(100)).toBe(2);
    expect(await presence.removeExpiredUsers(100)).toBe(0);
    expect(await presence.getUserLastHeartbeat(2n)).toBeNull();
    expect(await presence.getUserLastHeartbeat(3n)).toBe(101);
  });
});
