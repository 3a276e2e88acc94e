import { Logger } from '@nestjs/common';
import { mergeEnded, mergeMetrics, type MetricsOfProcess } from './shared/metrics/merge-metrics.js';
import { endsWithin } from './shared/utils/timeout.util.js';

/** Bounds the wait for a busy worker, whose last report then stands for it. */
const REPORT_TIMEOUT_MS = 1_000;

interface Request {
  readonly missing: Set<number>;
  readonly complete: () => void;
}

/** Collects the metrics of workers, and keeps what the ended ones had counted, so that sums never fall. */
export class WorkerMetrics {
  private readonly logger = new Logger('Workers');
  private readonly latest = new Map<number, MetricsOfProcess>();
  private readonly requests = new Map<number, Request>();
  private ended: MetricsOfProcess = [];
  private merging: Promise<void> = Promise.resolve();
  private lastRequest = 0;

  /** @param own returns the metrics of the primary process */
  constructor(private readonly own: () => Promise<MetricsOfProcess>) {}

  /** Asks these workers and returns the text of all metrics together. */
  async read(workers: readonly number[], ask: (worker: number, request: number) => void): Promise<string> {
    const request = ++this.lastRequest;
    const answered = new Promise<void>((complete) => {
      this.requests.set(request, { missing: new Set(workers), complete });
      if (workers.length === 0) complete();
    });
    try {
      for (const worker of workers) ask(worker, request);
      await endsWithin(answered, REPORT_TIMEOUT_MS);
    } finally {
      this.requests.delete(request);
    }
    await this.merging;
    return mergeMetrics([await this.own(), this.ended, ...this.latest.values()]);
  }

  /** Takes the report of a worker. */
  add(worker: number, request: number, metrics: MetricsOfProcess): void {
    this.latest.set(worker, metrics);
    this.note(request, worker);
  }

  /** Keeps the counts of a worker that has ended, as of its last report. */
  end(worker: number): void {
    for (const request of this.requests.keys()) this.note(request, worker);
    const last = this.latest.get(worker);
    this.latest.delete(worker);
    if (last === undefined) return;
    this.merging = this.merging.then(async () => {
      try {
        this.ended = await mergeEnded([this.ended, last]);
      } catch (error) {
        this.logger.error(`The counts of worker ${worker}, which has ended, are lost`, error);
      }
    });
  }

  private note(request: number, worker: number): void {
    const open = this.requests.get(request);
    if (open === undefined) return;
    open.missing.delete(worker);
    if (open.missing.size === 0) open.complete();
  }
}
