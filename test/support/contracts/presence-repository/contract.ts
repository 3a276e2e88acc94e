import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';

import type { IPresenceRepository } from '../../../../src/domain/repositories/presence.repository.interface.js';

/** One adapter of the port. */
export interface PresenceHarness {
  /** Returns an empty repository that replaces the one before. */
  empty(): Promise<IPresenceRepository>;
  close(): Promise<void>;
}

const T = 1_750_000_000;

/** Describes what every {@link IPresenceRepository} does. */
export function describePresenceRepository(adapter: string, open: () => Promise<PresenceHarness>): void {
  describe(`IPresenceRepository: ${adapter}`, () => {
    let harness: PresenceHarness;
    let presence: IPresenceRepository;

    beforeAll(async () => {
      harness = await open();
    });

    beforeEach(async () => {
      presence = await harness.empty();
    });

    afterAll(() => harness.close());

    /** Sends portions of 500, because a command behind ten thousand others could time out. */
    async function recordHeartbeats(
      users: readonly bigint[],
      second: (index: number) => number,
    ): Promise<void> {
      for (let from = 0; from < users.length; from += 500) {
        await Promise.all(
          users.slice(from, from + 500).map((id, i) => presence.updateUserPresence(id, second(from + i))),
        );
      }
    }

    it('returns zero and null when it is empty', async () => {
      expect(await presence.countOnlineUsers(0)).toBe(0);
      expect(await presence.getUserLastHeartbeat(42n)).toBeNull();
      expect(await presence.removeExpiredUsers(T)).toBe(0);
    });

    it('returns the last heartbeat of a user and null for others', async () => {
      await presence.updateUserPresence(42n, T);
      expect(await presence.getUserLastHeartbeat(42n)).toBe(T);
      expect(await presence.getUserLastHeartbeat(43n)).toBeNull();
      expect(await presence.getUserLastHeartbeat(4n)).toBeNull();
    });

    it('keeps the largest user ids apart', async () => {
      await presence.updateUserPresence(2n ** 63n - 1n, T);
      await presence.updateUserPresence(2n ** 63n - 2n, T + 1);
      expect(await presence.getUserLastHeartbeat(2n ** 63n - 1n)).toBe(T);
      expect(await presence.getUserLastHeartbeat(2n ** 63n - 2n)).toBe(T + 1);
      expect(await presence.countOnlineUsers(0)).toBe(2);
    });

    it('counts users whose heartbeat is strictly later than the threshold', async () => {
      await presence.updateUserPresence(1n, T - 1);
      await presence.updateUserPresence(2n, T);
      await presence.updateUserPresence(3n, T + 1);
      expect(await presence.countOnlineUsers(T - 2)).toBe(3);
      expect(await presence.countOnlineUsers(T - 1)).toBe(2);
      expect(await presence.countOnlineUsers(T)).toBe(1);
      expect(await presence.countOnlineUsers(T + 1)).toBe(0);
    });

    it('counts a user with several heartbeats once', async () => {
      for (const second of [0, 60, 120, 120]) await presence.updateUserPresence(7n, T + second);
      expect(await presence.countOnlineUsers(T)).toBe(1);
      expect(await presence.getUserLastHeartbeat(7n)).toBe(T + 120);
    });

    it('keeps the newer heartbeat when an older one arrives later', async () => {
      await presence.updateUserPresence(7n, T);
      await presence.updateUserPresence(7n, T - 100);
      expect(await presence.getUserLastHeartbeat(7n)).toBe(T);
      expect(await presence.countOnlineUsers(T - 1)).toBe(1);
      expect(await presence.removeExpiredUsers(T - 50)).toBe(0);
    });

    it('removes users whose heartbeat is at or before the threshold and returns their number', async () => {
      await presence.updateUserPresence(1n, T - 1);
      await presence.updateUserPresence(2n, T);
      await presence.updateUserPresence(3n, T + 1);
      expect(await presence.removeExpiredUsers(T)).toBe(2);
      expect(await presence.getUserLastHeartbeat(1n)).toBeNull();
      expect(await presence.getUserLastHeartbeat(2n)).toBeNull();
      expect(await presence.getUserLastHeartbeat(3n)).toBe(T + 1);
      expect(await presence.removeExpiredUsers(T)).toBe(0);
    });

    it('accepts an older heartbeat of a user that was removed', async () => {
      await presence.updateUserPresence(7n, T);
      await presence.removeExpiredUsers(T);
      await presence.updateUserPresence(7n, T - 100);
      expect(await presence.getUserLastHeartbeat(7n)).toBe(T - 100);
    });

    it('removes more users than fit one internal batch', async () => {
      const expired = 12_345;
      const users = Array.from({ length: expired + 10 }, (_, i) => BigInt(i + 1));
      // 150 users share each second, and the last ten are after the threshold.
      await recordHeartbeats(users, (i) => (i < expired ? T - 100 + Math.floor(i / 150) : T + 1));
      expect(await presence.countOnlineUsers(0)).toBe(expired + 10);
      expect(await presence.removeExpiredUsers(T)).toBe(expired);
      expect(await presence.countOnlineUsers(0)).toBe(10);
      expect(await presence.getUserLastHeartbeat(BigInt(expired + 1))).toBe(T + 1);
    });

    it('removes ten thousand users of one second', async () => {
      const users = Array.from({ length: 10_500 }, (_, i) => BigInt(i + 1));
      await recordHeartbeats(users, () => T);
      expect(await presence.removeExpiredUsers(T - 1)).toBe(0);
      expect(await presence.removeExpiredUsers(T)).toBe(users.length);
      expect(await presence.countOnlineUsers(0)).toBe(0);
    });
  });
}
