import { Module, type INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Cron, ScheduleModule, SchedulerRegistry } from '@nestjs/schedule';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { ClockTimers } from '../../../../src/application/schedulers/clock-timers.js';
import { HOUR_MS, MINUTE_MS } from '../../../support/builders.js';
import { FixedClock } from '../../../support/contracts/clock/fake.js';

const SHANGHAI = 'Asia/Shanghai';

let ticks: string[];

class Jobs {
  @Cron('*/1 * * * *', { name: 'every minute', disabled: true, timeZone: SHANGHAI })
  minute(): void {
    ticks.push(clock.now().toISOString());
  }

  @Cron('0 0 1 * * *', { name: 'at 01:00', disabled: true, timeZone: SHANGHAI })
  night(): void {
    ticks.push(clock.now().toISOString());
  }
}

@Module({ imports: [ScheduleModule.forRoot()], providers: [Jobs] })
class JobsModule {}

let app: INestApplicationContext;
let clock: FixedClock;
let timers: ClockTimers;

beforeAll(async () => {
  app = await NestFactory.createApplicationContext(JobsModule, { logger: false });
});

afterAll(() => app.close());

beforeEach(() => {
  jest.useFakeTimers();
  // The clock of the machine is years and minutes away from it.
  clock = new FixedClock('2025-01-15T00:58:30.250+08:00');
  timers = new ClockTimers(clock, SHANGHAI);
  ticks = [];
});

afterEach(() => {
  timers.stop();
  jest.useRealTimers();
});

function schedule(name: string): void {
  timers.start(app.get(SchedulerRegistry).getCronJob(name));
}

/** Lets time pass for the timers and for the clock. */
async function elapse(milliseconds: number): Promise<void> {
  for (let left = milliseconds; left > 0; left -= 250) {
    clock.advance(Math.min(250, left));
    await jest.advanceTimersByTimeAsync(Math.min(250, left));
  }
}

describe('ClockTimers', () => {
  it('fires each minute of the clock once, and never before it begins', async () => {
    schedule('every minute');
    await elapse(3 * MINUTE_MS);
    expect(ticks.map((tick) => tick.slice(0, 19))).toEqual([
      '2025-01-14T16:59:00',
      '2025-01-14T17:00:00',
      '2025-01-14T17:01:00',
    ]);
  });

  it('fires 01:00 of Shanghai at 01:00 of the clock', async () => {
    schedule('at 01:00');
    await elapse(MINUTE_MS + 29_000);
    expect(ticks).toEqual([]);
    await elapse(2_000);
    expect(ticks.map((tick) => tick.slice(0, 19))).toEqual(['2025-01-14T17:00:00']);
  });

  it('fires once for the ticks over which the clock steps', async () => {
    schedule('every minute');
    clock.step(3 * HOUR_MS);
    await elapse(11_000);
    expect(ticks).toHaveLength(1);
    await elapse(MINUTE_MS);
    expect(ticks).toHaveLength(2);
  });

  it('goes on within a minute after the clock steps back', async () => {
    schedule('every minute');
    clock.step(-3 * HOUR_MS);
    await elapse(MINUTE_MS + 11_000);
    expect(ticks.length).toBeGreaterThanOrEqual(1);
  });

  it('fires nothing after it has stopped', async () => {
    schedule('every minute');
    timers.stop();
    await elapse(3 * MINUTE_MS);
    expect(ticks).toEqual([]);
  });
});
