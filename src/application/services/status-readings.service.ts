import { Inject, Injectable } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { settleWithin } from '../../shared/utils/timeout.util.js';
import { CLOCK, type IClock } from '../ports/clock.port.js';
import { CONSUMER_LAG, type IConsumerLag } from '../ports/consumer-lag.port.js';
import { OUTBOX_LANES, type IOutboxLanes, type OutboxLaneStatus } from '../ports/outbox-lanes.port.js';
import { GetReadinessQuery, type Readiness } from '../queries/get-readiness/get-readiness.query.js';
import { RecentReading, type Timed } from './recent-reading.js';

/** Ages up to which a reading is repeated to those who ask. */
const READINESS_PERIOD_MS = 2_000;
const OUTBOX_PERIOD_MS = 5_000;
/** Exceeds the others: each reading opens a connection to the broker. */
const LAG_PERIOD_MS = 10_000;
/** Ends the wait of a request before its own limit; the reading goes on and serves the next request. */
const WAIT_MS = 1_200;
/** Limits the counting in each lane. */
const COUNT_UP_TO = 12_500;

export interface OutboxBacklog {
  readonly waiting: number;
  readonly oldestSeconds: number | null;
  readonly failingLanes: number;
}

/** Reads how the parts of the service are: once in a while, for all who watch this process. */
@Injectable()
export class StatusReadings {
  private readonly readiness: RecentReading<Readiness>;
  private readonly outbox: RecentReading<OutboxBacklog>;
  private readonly lag: RecentReading<number>;

  constructor(
    @Inject(CLOCK) private readonly clock: IClock,
    queryBus: QueryBus,
    @Inject(OUTBOX_LANES) lanes: IOutboxLanes,
    @Inject(CONSUMER_LAG) consumerLag: IConsumerLag,
  ) {
    this.readiness = new RecentReading(clock, READINESS_PERIOD_MS, () =>
      queryBus.execute(new GetReadinessQuery()),
    );
    this.outbox = new RecentReading(clock, OUTBOX_PERIOD_MS, async () =>
      summarize(await lanes.readStatus(COUNT_UP_TO)),
    );
    this.lag = new RecentReading(clock, LAG_PERIOD_MS, () => consumerLag.countMessages());
  }

  readReadiness(): Promise<Timed<Readiness>> {
    return this.readiness.get();
  }

  /** Reads null when the database does not tell. */
  readOutbox(): Promise<Timed<OutboxBacklog | null>> {
    return this.settle(this.outbox);
  }

  /** Reads null when the broker does not tell. */
  readLagMessages(): Promise<Timed<number | null>> {
    return this.settle(this.lag);
  }

  private async settle<T>(reading: RecentReading<T>): Promise<Timed<T | null>> {
    const asOf = this.clock.now();
    // A failure is a result here; the checks of the dependencies log its cause.
    return settleWithin(reading.get(), WAIT_MS).catch(() => ({ value: null, asOf }));
  }
}

function summarize(lanes: readonly OutboxLaneStatus[]): OutboxBacklog {
  const ages = lanes.flatMap(({ oldestSeconds }) => oldestSeconds ?? []);
  return {
    waiting: lanes.reduce((sum, { waiting }) => sum + waiting, 0),
    oldestSeconds: ages.length === 0 ? null : Math.max(...ages),
    failingLanes: lanes.filter(({ failures }) => failures > 0).length,
  };
}
