import { Logger } from '@nestjs/common';
import type { IOutboxLanes } from '../../application/ports/outbox-lanes.port.js';
import { outboxOldestSeconds, outboxWaitingRows } from '../../shared/metrics/metrics.js';

const INTERVAL_MS = 10_000;
/** Limits the counting in each lane; a larger number need not be exact. */
const COUNT_UP_TO = 125_000;

/** Publishes the number and the age of waiting messages as metrics. */
export class OutboxMeter {
  private readonly logger = new Logger(OutboxMeter.name);
  private timer: NodeJS.Timeout | null = null;
  private inFlight: Promise<void> | null = null;

  /** @param onRecovered runs when no lane of any replica fails */
  constructor(
    private readonly outbox: IOutboxLanes,
    private readonly onRecovered: () => void,
  ) {}

  start(): void {
    const measure = (): void => {
      this.inFlight ??= this.measure().finally(() => (this.inFlight = null));
    };
    this.timer = setInterval(measure, INTERVAL_MS);
    measure();
  }

  /** Starts no further measurement and waits for the one in flight. */
  async stop(): Promise<void> {
    if (this.timer !== null) clearInterval(this.timer);
    await this.inFlight;
  }

  private async measure(): Promise<void> {
    try {
      const lanes = await this.outbox.readStatus(COUNT_UP_TO);
      outboxWaitingRows.set(lanes.reduce((sum, { waiting }) => sum + waiting, 0));
      outboxOldestSeconds.set(Math.max(0, ...lanes.map(({ oldestSeconds }) => oldestSeconds ?? 0)));
      if (lanes.every(({ failures }) => failures === 0)) this.onRecovered();
    } catch (error) {
      // The relay logs that the database is unavailable.
      outboxWaitingRows.set(NaN);
      outboxOldestSeconds.set(NaN);
      this.logger.debug(`The outbox cannot be measured: ${String(error)}`);
    }
  }
}
