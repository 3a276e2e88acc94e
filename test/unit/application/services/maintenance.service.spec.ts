import { Logger } from '@nestjs/common';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { LiveActives } from '../../../../src/application/services/live-actives.service.js';
import { MaintenanceService } from '../../../../src/application/services/maintenance.service.js';
import { RealtimeDauService } from '../../../../src/application/services/realtime-dau.service.js';
import type { IEventLogMaintenance } from '../../../../src/application/ports/event-log-maintenance.port.js';
import { EventTimeService } from '../../../../src/domain/services/event-time.service.js';
import { InProcessPresenceRepository } from '../../../../src/infrastructure/in-process/in-process-presence.repository.js';
import { DAY_MS, earlier, NOW, TODAY, unixSeconds, YESTERDAY } from '../../../support/builders.js';
import { FixedClock } from '../../../support/contracts/clock/fake.js';
import { InMemoryDailyActives } from '../../../support/contracts/daily-actives-repository/fake.js';
import { InMemoryJobLock } from '../../../support/contracts/job-lock/fake.js';
import { InMemoryRealtimeDau } from '../../../support/contracts/realtime-dau-repository/fake.js';

Logger.overrideLogger(false);

const DAY_SECONDS = DAY_MS / 1000;
const now = unixSeconds(NOW);

class RecordingEventLogMaintenance implements IEventLogMaintenance {
  failure: Error | null = null;
  readonly ensured: (readonly [string, string])[] = [];
  readonly removedBefore: Date[] = [];

  async ensureDays(first: string, last: string): Promise<void> {
    if (this.failure !== null) throw this.failure;
    this.ensured.push([first, last]);
  }

  async removeCorrections(before: Date): Promise<number> {
    this.removedBefore.push(before);
    return 0;
  }
}

let presence: InProcessPresenceRepository;
let eventLog: RecordingEventLogMaintenance;
let actives: InMemoryDailyActives;
let realtimeDau: InMemoryRealtimeDau;
let lock: InMemoryJobLock;
let maintenance: MaintenanceService;

beforeEach(() => {
  const clock = new FixedClock();
  presence = new InProcessPresenceRepository();
  eventLog = new RecordingEventLogMaintenance();
  actives = new InMemoryDailyActives();
  realtimeDau = new InMemoryRealtimeDau();
  lock = new InMemoryJobLock();
  maintenance = new MaintenanceService(
    clock,
    presence,
    eventLog,
    lock,
    new RealtimeDauService(clock, realtimeDau, actives, new LiveActives(clock, actives)),
    new EventTimeService(7),
  );
});

describe('MaintenanceService', () => {
  it('removes users whose heartbeat is 24 hours old and keeps those a second younger', async () => {
    await presence.updateUserPresence(1n, now - DAY_SECONDS);
    await presence.updateUserPresence(2n, now - DAY_SECONDS + 1);
    await maintenance.run();
    expect(await presence.getUserLastHeartbeat(1n)).toBeNull();
    expect(await presence.getUserLastHeartbeat(2n)).not.toBeNull();
  });

  it('creates partitions for today in Shanghai and for the days ahead', async () => {
    await maintenance.run();
    expect(eventLog.ensured).toEqual([[TODAY, '2025-01-18']]);
  });

  it('removes corrections when their events are too old to be sent again', async () => {
    await maintenance.run();
    expect(eventLog.removedBefore).toHaveLength(1);
    expect(eventLog.removedBefore[0]!.getTime()).toBeLessThan(earlier(NOW, 7 * DAY_MS).getTime());
  });

  it('runs the other steps when one fails, and fails at the end', async () => {
    eventLog.failure = new Error('away');
    await presence.updateUserPresence(1n, now - DAY_SECONDS);
    await expect(maintenance.run()).rejects.toThrow(AggregateError);
    expect(await presence.getUserLastHeartbeat(1n)).toBeNull();
    expect(eventLog.removedBefore).toHaveLength(1);
  });

  it('rebuilds the live DAU of today and yesterday after a start', async () => {
    actives.add(TODAY, 'u:1').add(YESTERDAY, 'u:2');
    maintenance.start();
    await maintenance.mendRealtimeDau();
    expect(await realtimeDau.count(TODAY)).toBe(1);
    expect(await realtimeDau.count(YESTERDAY)).toBe(1);
  });

  it('trap 9: compares the live DAU with the exact one unless another replica does', async () => {
    for (const user of ['u:1', 'u:2', 'u:3', 'u:4']) actives.add(TODAY, user);
    lock.heldElsewhere.add('realtime-dau');
    await maintenance.mendRealtimeDau();
    expect(await realtimeDau.count(TODAY)).toBe(0);

    lock.heldElsewhere.clear();
    await maintenance.mendRealtimeDau();
    expect(await realtimeDau.count(TODAY)).toBe(4);
  });

  it('trap 9: rebuilds its own stale days while another replica compares', async () => {
    actives.add(TODAY, 'u:1');
    maintenance.start();
    lock.heldElsewhere.add('realtime-dau');
    await maintenance.mendRealtimeDau();
    expect(await realtimeDau.count(TODAY)).toBe(1);
  });
});
