import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';

import {
  MAX_LISTED_USERS,
  type IPresenceRepository,
} from '../../../../src/domain/repositories/presence.repository.interface.js';

/** Opens and closes one adapter of the port for the contract. */
export interface PresenceHarness {
  /** Returns a repository without users, in place of the one before, for which it is the Unix second `now`. */
  empty(now: number): Promise<IPresenceRepository>;
  close(): Promise<void>;
}

const T = 1_750_000_000;

/** Describes what every {@link IPresenceRepository} must do. */
export function describePresenceRepository(adapter: string, open: () => Promise<PresenceHarness>): void {
  describe(`IPresenceRepository: ${adapter}`, () => {
    let harness: PresenceHarness;
    let presence: IPresenceRepository;

    beforeAll(async () => {
      harness = await open();
    });

    beforeEach(async () => {
      presence = await harness.empty(T);
    });

    afterAll(() => harness.close());

    /** Sends heartbeats in portions: a command behind ten thousand others could exceed its time limit. */
    async function sendHeartbeats(
      users: readonly bigint[],
      second: (index: number) => number,
    ): Promise<void> {
      for (let from = 0; from < users.length; from += 500) {
        await Promise.all(
          users.slice(from, from + 500).map((id, i) => presence.updateUserPresence(id, second(from + i))),
        );
      }
    }

    it('has no users at first', async () => {
      expect(await presence.countOnlineUsers(0)).toBe(0);
      expect(await presence.getUserLastHeartbeat(42n)).toBeNull();
      expect(await presence.removeExpiredUsers(T)).toBe(0);
    });

    it('returns the last heartbeat of a user, and null for other users', async () => {
      await presence.updateUserPresence(42n, T);
      expect(await presence.getUserLastHeartbeat(42n)).toBe(T);
      expect(await presence.getUserLastHeartbeat(43n)).toBeNull();
      expect(await presence.getUserLastHeartbeat(4n)).toBeNull();
    });

    it('removes one user, whatever the last heartbeat, and no other', async () => {
      await sendHeartbeats([42n, 43n, 4n], () => T);
      expect(await presence.removeUser(42n)).toBe(true);
      expect(await presence.removeUser(42n)).toBe(false);
      expect(await presence.getUserLastHeartbeat(42n)).toBeNull();
      expect(await presence.countOnlineUsers(0)).toBe(2);
    });

    it('raises many users at once by the rules of one', async () => {
      const users = Array.from({ length: 1_000 }, (_, i) => BigInt(i + 1));
      await presence.updateUserPresence(1n, T + 1);
      await presence.updateUserPresence(2n, T + 3_600);
      await presence.updateUsersPresence([...users, 3n, 3n], T);
      expect(await presence.countOnlineUsers(T - 1)).toBe(1_000);
      // A newer heartbeat stays, and one in the future is replaced.
      expect(await presence.getUserLastHeartbeat(1n)).toBe(T + 1);
      expect(await presence.getUserLastHeartbeat(2n)).toBe(T);
      await presence.updateUsersPresence([], T + 60);
      expect(await presence.countOnlineUsers(T + 1)).toBe(0);
    });

    it('keeps the largest user ids apart', async () => {
      await presence.updateUserPresence(2n ** 63n - 1n, T);
      await presence.updateUserPresence(2n ** 63n - 2n, T + 1);
      expect(await presence.getUserLastHeartbeat(2n ** 63n - 1n)).toBe(T);
      expect(await presence.getUserLastHeartbeat(2n ** 63n - 2n)).toBe(T + 1);
      expect(await presence.countOnlineUsers(0)).toBe(2);
    });

    it('counts users whose last heartbeat is strictly later than the threshold', async () => {
      await presence.updateUserPresence(1n, T - 1);
      await presence.updateUserPresence(2n, T);
      await presence.updateUserPresence(3n, T + 1);
      expect(await presence.countOnlineUsers(T - 2)).toBe(3);
      expect(await presence.countOnlineUsers(T - 1)).toBe(2);
      expect(await presence.countOnlineUsers(T)).toBe(1);
      expect(await presence.countOnlineUsers(T + 1)).toBe(0);
    });

    it('counts completely, by the same bounds, while every part of the store answers', async () => {
      for (let user = 1n; user <= 40n; user++) await presence.updateUserPresence(user, T + Number(user));
      expect(await presence.countReachableUsers(T)).toEqual({ count: 40, coverage: 1 });
      expect(await presence.countReachableUsers(T + 10)).toEqual({ count: 30, coverage: 1 });
      expect(await presence.countReachableUsers(T + 10, T + 15)).toEqual({ count: 5, coverage: 1 });
      expect(await presence.countReachableUsers(T + 40)).toEqual({ count: 0, coverage: 1 });
    });

    it('counts a user with several heartbeats once', async () => {
      for (const second of [0, 60, 120, 120]) await presence.updateUserPresence(7n, T + second);
      expect(await presence.countOnlineUsers(T)).toBe(1);
      expect(await presence.getUserLastHeartbeat(7n)).toBe(T + 120);
    });

    it('lists users whose last heartbeat is strictly later than the threshold, oldest heartbeat first', async () => {
      await presence.updateUserPresence(3n, T + 1);
      await presence.updateUserPresence(2n ** 63n - 1n, T + 3);
      await presence.updateUserPresence(4n, T + 2);
      await presence.updateUserPresence(5n, T);
      expect(await presence.getOnlineUsers(T)).toEqual([3n, 4n, 2n ** 63n - 1n]);
      await presence.updateUserPresence(3n, T + 4);
      expect(await presence.getOnlineUsers(T)).toEqual([4n, 2n ** 63n - 1n, 3n]);
      expect(await presence.getOnlineUsers(T + 4)).toEqual([]);
    });

    it('lists no more users than the limit', async () => {
      for (let user = 1n; user <= 8n; user++) await presence.updateUserPresence(user, T + Number(user));
      expect(await presence.getOnlineUsers(T, 3)).toEqual([1n, 2n, 3n]);
      expect(await presence.getOnlineUsers(T + 2, 5)).toEqual([3n, 4n, 5n, 6n, 7n]);
      expect(await presence.getOnlineUsers(T, 100)).toHaveLength(8);
      expect(await presence.getOnlineUsers(T, 0)).toEqual([]);
      expect(await presence.getOnlineUsers(T, -1)).toEqual([]);
    });

    it('lists at most 10,000 users, whatever the limit', async () => {
      const users = Array.from({ length: MAX_LISTED_USERS + 20 }, (_, i) => BigInt(i + 1));
      await sendHeartbeats(users, (i) => T + Math.floor(i / 100));
      const listed = await presence.getOnlineUsers(T - 1);
      expect(new Set(listed)).toEqual(new Set(users.slice(0, 10_000)));
      expect(await presence.getOnlineUsers(T - 1, 50_000)).toHaveLength(10_000);
    });

    it('keeps the newer heartbeat when an older one arrives late', async () => {
      await presence.updateUserPresence(7n, T);
      await presence.updateUserPresence(7n, T - 100);
      expect(await presence.getUserLastHeartbeat(7n)).toBe(T);
      expect(await presence.countOnlineUsers(T - 1)).toBe(1);
      expect(await presence.removeExpiredUsers(T - 50)).toBe(0);
    });

    it('removes users whose last heartbeat is at or before the threshold, and returns how many', async () => {
      await presence.updateUserPresence(1n, T - 1);
      await presence.updateUserPresence(2n, T);
      await presence.updateUserPresence(3n, T + 1);
      expect(await presence.removeExpiredUsers(T)).toBe(2);
      expect(await presence.getUserLastHeartbeat(1n)).toBeNull();
      expect(await presence.getUserLastHeartbeat(2n)).toBeNull();
      expect(await presence.getUserLastHeartbeat(3n)).toBe(T + 1);
      expect(await presence.removeExpiredUsers(T)).toBe(0);
    });

    it('stores a heartbeat of a removed user again', async () => {
      await presence.updateUserPresence(7n, T);
      await presence.removeExpiredUsers(T);
      await presence.updateUserPresence(7n, T - 100);
      expect(await presence.getUserLastHeartbeat(7n)).toBe(T - 100);
    });

    it('removes more users than one command removes', async () => {
      const expired = 12_345;
      const users = Array.from({ length: expired + 10 }, (_, i) => BigInt(i + 1));
      // Many of them in the same second, the last ten after the threshold.
      await sendHeartbeats(users, (i) => (i < expired ? T - 100 + Math.floor(i / 150) : T + 1));
      expect(await presence.countOnlineUsers(0)).toBe(expired + 10);
      expect(await presence.removeExpiredUsers(T)).toBe(expired);
      expect(await presence.countOnlineUsers(0)).toBe(10);
      expect(await presence.getUserLastHeartbeat(BigInt(expired + 1))).toBe(T + 1);
    });

    it('removes ten thousand users whose last heartbeat is in the same second', async () => {
      const users = Array.from({ length: 10_500 }, (_, i) => BigInt(i + 1));
      await sendHeartbeats(users, () => T);
      expect(await presence.removeExpiredUsers(T - 1)).toBe(0);
      expect(await presence.removeExpiredUsers(T)).toBe(users.length);
      expect(await presence.countOnlineUsers(0)).toBe(0);
    });

    describe('heartbeats of the future, by a clock that ran ahead', () => {
      const AHEAD = T + 3600;

      it('leaves them out of counts and lists with an upper bound, which is included', async () => {
        await presence.updateUserPresence(1n, T);
        await presence.updateUserPresence(2n, T + 5);
        await presence.updateUserPresence(3n, T + 6);
        await presence.updateUserPresence(4n, AHEAD);
        expect(await presence.countOnlineUsers(T - 180, T + 5)).toBe(2);
        expect(await presence.countOnlineUsers(T - 180)).toBe(4);
        expect(await presence.countOnlineUsers(T, T + 6)).toBe(2);
        expect(await presence.getOnlineUsers(T - 180, 10, T + 5)).toEqual([1n, 2n]);
        expect(await presence.getOnlineUsers(T - 180, 1, T + 5)).toEqual([1n]);
      });

      it('answers concurrent counts with different bounds each by its own', async () => {
        for (const second of [T, T + 5, AHEAD]) await presence.updateUserPresence(BigInt(second), second);
        const bounds = [undefined, T, T + 5, AHEAD, undefined, T];
        const counts = await Promise.all(bounds.map((until) => presence.countOnlineUsers(T - 1, until)));
        expect(counts).toEqual([3, 1, 2, 3, 3, 1]);
      });

      it('replaces the entry of a user by the true heartbeat', async () => {
        await presence.updateUserPresence(1n, AHEAD);
        await presence.updateUserPresence(2n, AHEAD);
        await presence.updateUserPresence(1n, T);
        expect(await presence.getUserLastHeartbeat(1n)).toBe(T);
        expect(await presence.countOnlineUsers(T - 180, T + 5)).toBe(1);
      });

      it('replaces it also when the heartbeats of many users arrive together', async () => {
        const users = Array.from({ length: 1_500 }, (_, i) => BigInt(i + 1));
        await sendHeartbeats(users, (i) => (i % 3 === 0 ? AHEAD : T - 60));
        await sendHeartbeats(users, () => T);
        expect(await presence.countOnlineUsers(T - 1, T)).toBe(1_500);
      });

      it('keeps an entry that is ahead by no more than clocks may differ', async () => {
        await presence.updateUserPresence(1n, T + 5);
        await presence.updateUserPresence(1n, T);
        expect(await presence.getUserLastHeartbeat(1n)).toBe(T + 5);
      });

      it('keeps newer heartbeats of others when a stalled replica writes an old one', async () => {
        await presence.updateUserPresence(1n, T);
        await presence.updateUserPresence(2n, T - 60);
        await presence.updateUserPresence(2n, T - 600);
        await presence.updateUserPresence(3n, T - 600);
        expect(await presence.getUserLastHeartbeat(1n)).toBe(T);
        expect(await presence.getUserLastHeartbeat(2n)).toBe(T - 60);
      });

      it('removes them on request, and returns how many', async () => {
        for (let user = 1n; user <= 8n; user++) await presence.updateUserPresence(user, AHEAD + Number(user));
        await presence.updateUserPresence(9n, T + 5);
        await presence.updateUserPresence(10n, T - 100_000);
        expect(await presence.removeFutureUsers(T + 5)).toBe(8);
        expect(await presence.removeFutureUsers(T + 5)).toBe(0);
        expect(await presence.getUserLastHeartbeat(1n)).toBeNull();
        expect(await presence.getUserLastHeartbeat(9n)).toBe(T + 5);
        expect(await presence.getUserLastHeartbeat(10n)).toBe(T - 100_000);
      });
    });
  });
}
