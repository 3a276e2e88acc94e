import { UuidEventIdGenerator } from '../../../src/infrastructure/system/uuid-event-id-generator.js';
import { StoreClock } from '../../../src/infrastructure/system/store-clock.js';
import { SystemClock } from '../../../src/infrastructure/system/system-clock.js';
import { TODAY, YESTERDAY } from '../../support/builders.js';
import { describeClock } from '../../support/contracts/clock/contract.js';
import { FixedClock } from '../../support/contracts/clock/fake.js';
import { describeDailyActiveStatsRepository } from '../../support/contracts/daily-active-stats-repository/contract.js';
import { InMemoryDailyActiveStats } from '../../support/contracts/daily-active-stats-repository/fake.js';
import { describeEventIdGenerator } from '../../support/contracts/event-id-generator/contract.js';
import { SequentialEventIds } from '../../support/contracts/event-id-generator/fake.js';
import { describeEventLogRepository } from '../../support/contracts/event-log-repository/contract.js';
import { InMemoryEventLog } from '../../support/contracts/event-log-repository/fake.js';
import { describeEventTransport } from '../../support/contracts/event-transport/contract.js';
import { RecordingTransport } from '../../support/contracts/event-transport/fake.js';
import { describeJobLock } from '../../support/contracts/job-lock/contract.js';
import { InMemoryJobLock } from '../../support/contracts/job-lock/fake.js';
import { describeOnlineSnapshotRepository } from '../../support/contracts/online-snapshot-repository/contract.js';
import { InMemoryOnlineSnapshots } from '../../support/contracts/online-snapshot-repository/fake.js';
import { describeRealtimeDauRepository } from '../../support/contracts/realtime-dau-repository/contract.js';
import { InMemoryRealtimeDau } from '../../support/contracts/realtime-dau-repository/fake.js';

// The fakes of unit tests keep the contracts that the real adapters keep in the integration suite.

const nothingToClose = async (): Promise<void> => {};

/** Returns a harness in which two replicas share one new fake. */
function shared<T>(make: () => T) {
  const open = (): readonly [T, T] => {
    const fake = make();
    return [fake, fake];
  };
  return async () => ({ open, release: nothingToClose, close: nothingToClose });
}

describeClock('fake', () => new FixedClock());
describeClock('system', () => new SystemClock());
describeClock('store, before any has answered', () => new StoreClock([]));

describeEventIdGenerator('fake', () => new SequentialEventIds());
describeEventIdGenerator('UUID', () => new UuidEventIdGenerator());

describeJobLock(
  'fake',
  shared(() => new InMemoryJobLock()),
);

describeOnlineSnapshotRepository(
  'fake',
  shared(() => new InMemoryOnlineSnapshots()),
);

describeDailyActiveStatsRepository(
  'fake',
  shared(() => new InMemoryDailyActiveStats()),
);

describeEventLogRepository('fake', async () => ({
  open: () => {
    const eventLog = new InMemoryEventLog();
    return { eventLog, actives: eventLog.actives };
  },
  close: nothingToClose,
}));

describeRealtimeDauRepository('fake', [YESTERDAY, TODAY], async () => ({
  empty: async () => new InMemoryRealtimeDau(),
  close: nothingToClose,
}));

describeEventTransport('fake', async () => ({
  open: () => new RecordingTransport(),
  close: nothingToClose,
}));
