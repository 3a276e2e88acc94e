import { beforeEach, describe, expect, it } from '@jest/globals';
import { MaintainEventLogHandler } from '../../../../../src/application/commands/maintain-event-log/maintain-event-log.handler.js';
import type { IEventLogMaintenance } from '../../../../../src/application/ports/event-log-maintenance.port.js';
import { EventTimeService } from '../../../../../src/domain/services/event-time.service.js';
import { DAY_MS, earlier, NOW, TODAY } from '../../../../support/builders.js';
import { FixedClock } from '../../../../support/contracts/clock/fake.js';

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

let eventLog: RecordingEventLogMaintenance;
let handler: MaintainEventLogHandler;

beforeEach(() => {
  eventLog = new RecordingEventLogMaintenance();
  handler = new MaintainEventLogHandler(new FixedClock(), eventLog, new EventTimeService(7));
});

describe('MaintainEventLogHandler', () => {
  it('creates the partitions of today in Asia/Shanghai and of the days ahead', async () => {
    await handler.execute();
    expect(eventLog.ensured).toEqual([[TODAY, '2025-01-18']]);
  });

  it('removes corrections only when their events are too old to be sent again', async () => {
    await handler.execute();
    expect(eventLog.removedBefore).toHaveLength(1);
    expect(eventLog.removedBefore[0]!.getTime()).toBeLessThan(earlier(NOW, 7 * DAY_MS).getTime());
  });

  it('removes corrections although the partitions fail, and fails in the end', async () => {
    eventLog.failure = new Error('unavailable');
    await expect(handler.execute()).rejects.toThrow(AggregateError);
    expect(eventLog.removedBefore).toHaveLength(1);
  });
});
