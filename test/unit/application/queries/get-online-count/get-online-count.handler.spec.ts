import { describe, expect, it } from '@jest/globals';
import { GetOnlineCountHandler } from '../../../../../src/application/queries/get-online-count/get-online-count.handler.js';
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
    expect(await handler.execute()).toEqual({ count: 1, windowSeconds: 180, queriedAt: NOW });
  });
});
