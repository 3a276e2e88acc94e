import { Logger } from '@nestjs/common';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { RepairRealtimeDauCommand } from '../../../../../src/application/commands/repair-realtime-dau/repair-realtime-dau.command.js';
import { RepairRealtimeDauHandler } from '../../../../../src/application/commands/repair-realtime-dau/repair-realtime-dau.handler.js';
import { StaleDays } from '../../../../../src/application/services/stale-days.service.js';
import { RealtimeDauRepair } from '../../../../../src/application/services/realtime-dau-repair.service.js';
import { TODAY, YESTERDAY } from '../../../../support/builders.js';
import { FixedClock } from '../../../../support/contracts/clock/fake.js';
import { InMemoryDailyActives } from '../../../../support/contracts/daily-actives-repository/fake.js';
import { InMemoryJobLock } from '../../../../support/contracts/job-lock/fake.js';
import { InMemoryRealtimeDau } from '../../../../support/contracts/realtime-dau-repository/fake.js';

Logger.overrideLogger(false);

let actives: InMemoryDailyActives;
let realtimeDau: InMemoryRealtimeDau;
let lock: InMemoryJobLock;
let handler: RepairRealtimeDauHandler;

beforeEach(() => {
  const clock = new FixedClock();
  actives = new InMemoryDailyActives();
  realtimeDau = new InMemoryRealtimeDau();
  lock = new InMemoryJobLock();
  handler = new RepairRealtimeDauHandler(
    lock,
    new RealtimeDauRepair(realtimeDau, actives, new StaleDays(clock)),
  );
});

describe('RepairRealtimeDauHandler', () => {
  it('rebuilds the live DAU of today and yesterday after a start', async () => {
    actives.add(TODAY, 'u:1').add(YESTERDAY, 'u:2');
    await handler.execute(new RepairRealtimeDauCommand(true));
    expect(await realtimeDau.count(TODAY)).toBe(1);
    expect(await realtimeDau.count(YESTERDAY)).toBe(1);
  });

  it('trap 9: compares the live DAU with the exact one, unless another replica does', async () => {
    // The first run of a process verifies today for itself.
    await handler.execute(new RepairRealtimeDauCommand());
    for (const user of ['u:1', 'u:2', 'u:3', 'u:4']) actives.add(TODAY, user);
    lock.heldElsewhere.add('realtime-dau');
    await handler.execute(new RepairRealtimeDauCommand());
    expect(await realtimeDau.count(TODAY)).toBe(0);

    lock.heldElsewhere.clear();
    await handler.execute(new RepairRealtimeDauCommand());
    expect(await realtimeDau.count(TODAY)).toBe(4);
  });

  it('trap 9: rebuilds days it knows to be stale although another replica compares', async () => {
    actives.add(TODAY, 'u:1');
    lock.heldElsewhere.add('realtime-dau');
    await handler.execute(new RepairRealtimeDauCommand(true));
    expect(await realtimeDau.count(TODAY)).toBe(1);
  });
});
