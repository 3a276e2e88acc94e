import { describe, expect, it } from '@jest/globals';
import { GetOnlineCountHandler } from '../../../../../src/application/queries/get-online-count/get-online-count.handler.js';
import type { ReachableCount } from '../../../../../src/domain/repositories/presence.repository.interface.js';
import { OnlineDetectionService } from '../../../../../src/domain/services/online-detection.service.js';
import { InProcessPresenceRepository } from '../../../../../src/infrastructure/in-process/in-process-presence.repository.js';
import { NOW, unixSeconds } from '../../../../support/builders.js';
import { FixedClock } from '../../../../support/contracts/clock/fake.js';

describe('GetOnlineCountHandler', () => {
  it('trap 8: excludes a user whose heartbeat is exactly one window old', async () => {
    const presence = new InProcessPresenceRepository();
    await presence.updateUserPresence(1n, unixSeconds(NOW) - 180);
    await presence.updateUserPresence(2n, unixSeconds(NOW) - 179);
    const handler = new GetOnlineCountHandler(new FixedClock(), presence, new OnlineDetectionService());
    expect(await handler.execute()).toEqual({
      count: 1,
      isPartial: false,
      coverage: 1,
      windowSeconds: 180,
      queriedAt: NOW,
    });
  });

  it('says that the count is partial when a part of the store does not answer', async () => {
    class HalfReachable extends InProcessPresenceRepository {
      override countReachableUsers(): Promise<ReachableCount> {
        return Promise.resolve({ count: 7, coverage: 0.5 });
      }
    }
    const handler = new GetOnlineCountHandler(
      new FixedClock(),
      new HalfReachable(),
      new OnlineDetectionService(),
    );
    expect(await handler.execute()).toMatchObject({ count: 7, isPartial: true, coverage: 0.5 });
  });
});
