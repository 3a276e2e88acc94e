import cluster from 'node:cluster';
import { Logger } from '@nestjs/common';
import type { LogLevel } from './config/variables/application.variables.js';
import { exposeMetricsOf } from './shared/metrics/exposition.js';
import { metricsRegistry } from './shared/metrics/metrics.js';
import { settleWithin } from './shared/utils/timeout.util.js';
import { isToWorker, type ToPrimary, type ToWorker } from './worker-messages.js';

/** Exceeds the time in which the primary answers; an answer to a client is cut off before. */
const METRICS_TIMEOUT_MS = 3_000;
/** A fraction of the silence after which the primary kills a worker. */
const ALIVE_INTERVAL_MS = 5_000;

/** Receives what the primary process tells a worker to do. */
export interface PrimaryOrders {
  /** Receives the reason, once for each signal that the primary got, and when the primary is gone. */
  readonly onStop: (reason: string) => void;
  readonly onLogLevel: (level: LogLevel) => void;
}

/** The part of the process that talks to the primary one. */
export type PrimaryChannel = Pick<NodeJS.Process, 'on' | 'send' | 'connected'>;

/** Obeys the primary process, and serves the metrics of all workers. */
export function linkToPrimary(
  orders: PrimaryOrders,
  channel: PrimaryChannel = process,
  aliveIntervalMs: number = ALIVE_INTERVAL_MS,
): void {
  const link = new WorkerLink(orders, channel, aliveIntervalMs);
  exposeMetricsOf(() => link.readMetrics());
}

/** The worker's end of the channel to the primary process. */
class WorkerLink {
  private readonly logger = new Logger('Workers');
  private readonly readers = new Map<number, (text: string | null) => void>();
  private lastId = 0;

  constructor(
    private readonly orders: PrimaryOrders,
    private readonly channel: PrimaryChannel,
    aliveIntervalMs: number,
  ) {
    channel.on('message', (message: unknown) => {
      if (isToWorker(message)) this.handle(message);
    });
    cluster.worker?.on('disconnect', () => {
      // Keeps Node from ending the worker without its drain when the primary is gone.
      if (cluster.worker !== undefined) cluster.worker.exitedAfterDisconnect = true;
      orders.onStop('the primary process is gone');
    });
    this.send({ type: 'linked' });
    setInterval(() => this.send({ type: 'alive' }), aliveIntervalMs).unref();
  }

  /** Returns the metrics of all workers together. */
  async readMetrics(): Promise<string> {
    const id = ++this.lastId;
    const answer = new Promise<string | null>((resolve) => this.readers.set(id, resolve));
    try {
      this.send({ type: 'read-metrics', id });
      const text = await settleWithin(answer, METRICS_TIMEOUT_MS);
      if (text === null) throw new Error('The primary process could not add up the metrics');
      return text;
    } finally {
      this.readers.delete(id);
    }
  }

  private handle(message: ToWorker): void {
    switch (message.type) {
      case 'stop':
        this.orders.onStop(message.reason);
        return;
      case 'log-level':
        this.orders.onLogLevel(message.level);
        return;
      case 'report-metrics':
        void this.report(message.id);
        return;
      case 'metrics-text':
        this.readers.get(message.id)?.(message.text);
    }
  }

  private async report(id: number): Promise<void> {
    try {
      this.send({ type: 'metrics', id, metrics: await metricsRegistry.getMetricsAsJSON() });
    } catch (error) {
      // The primary counts with the last report.
      this.logger.error('The metrics of this worker could not be read', error);
    }
  }

  private send(message: ToPrimary): void {
    // A primary that is gone is noticed by the end of the channel.
    if (this.channel.connected) this.channel.send?.(message, undefined, undefined, () => undefined);
  }
}
