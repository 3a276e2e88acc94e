import { Logger } from '@nestjs/common';
import { describe, expect, it } from '@jest/globals';
import { RemoveExpiredPresenceHandler } from '../../../../../src/application/commands/remove-expired-presence/remove-expired-presence.handler.js';
import { InProcessPresenceRepository } from '../../../../../src/infrastructure/in-process/in-process-presence.repository.js';
import { DAY_MS, NOW, unixSeconds } from '../../../../support/builders.js';
import { FixedClock } from '../../../../support/contracts/clock/fake.js';

Logger.overrideLogger(false);

const DAY_SECONDS = DAY_MS / 1000;
const now = unixSeconds(NOW);

describe('RemoveExpiredPresenceHandler', () => {
  it('removes a user last seen 24 hours ago and keeps one seen a second later', async () => {
    const presence = new InProcessPresenceRepository();
    await presence.updateUserPresence(1n, now - DAY_SECONDS);
    await presence.updateUserPresence(2n, now - DAY_SECONDS + 1);
    await new RemoveExpiredPresenceHandler(new FixedClock(), presence).execute();
    expect(await presence.getUserLastHeartbeat(1n)).toBeNull();
    expect(await presence.getUserLastHeartbeat(2n)).not.toBeNull();
  });
});
