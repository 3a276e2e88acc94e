import { beforeEach, describe, expect, it } from '@jest/globals';
import { OnlineDetectionService } from '../../../../src/domain/services/online-detection.service.js';
import { InProcessPresenceRepository } from '../../../../src/infrastructure/in-process/in-process-presence.repository.js';
import { later, NOW, unixSeconds } from '../../../support/builders.js';

const detection = new OnlineDetectionService();
const now = unixSeconds(NOW);

describe('OnlineDetectionService', () => {
  it('has a window of 180 seconds', () => {
    expect(detection.getWindowSeconds()).toBe(180);
    expect(detection.getOnlineThreshold(NOW)).toBe(now - 180);
  });

  it.each([
    [0, true],
    [60, true],
    [179, true],
    [180, false],
    [181, false],
  ])('takes a heartbeat %i s ago as online: %s', (ago, online) => {
    expect(detection.isOnline(now - ago, NOW)).toBe(online);
  });

  it('counts whole seconds', () => {
    expect(detection.isOnline(now - 179, later(NOW, 999))).toBe(true);
    expect(detection.isOnline(now - 179, later(NOW, 1000))).toBe(false);
  });

  it('takes a heartbeat slightly in the future as online', () => {
    expect(detection.isOnline(now + 2, NOW)).toBe(true);
  });

  it.each([
    [5, true],
    [6, false],
    [3600, false],
  ])('takes a heartbeat %i s in the future as online: %s', (ahead, online) => {
    expect(detection.isOnline(now + ahead, NOW)).toBe(online);
    expect(detection.isOnline(now + ahead, later(NOW, 999))).toBe(online);
  });

  describe('trap 8: agreement with the repository', () => {
    let presence: InProcessPresenceRepository;

    beforeEach(() => {
      presence = new InProcessPresenceRepository();
    });

    it.each([178, 179, 180, 181, -5, -6, -3600])(
      'counts a heartbeat %i s ago as the repository does',
      async (ago) => {
        await presence.updateUserPresence(1n, now - ago);
        const counted = await presence.countOnlineUsers(
          detection.getOnlineThreshold(NOW),
          detection.getLatestHeartbeat(NOW),
        );
        expect(counted === 1).toBe(detection.isOnline(now - ago, NOW));
      },
    );
  });
});
