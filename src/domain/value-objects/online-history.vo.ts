import type { OnlinePeak } from './daily-online.vo.js';

/** The snapshots of one interval of time. */
export interface OnlineBucket {
  readonly start: Date;
  readonly min: number;
  readonly avg: number;
  readonly max: number;
  /** Snapshots in the bucket: never 0, and fewer than its minutes when the service was down. */
  readonly samples: number;
}

export interface OnlineHistory {
  /** Ascending; a bucket without a snapshot is absent. */
  readonly buckets: readonly OnlineBucket[];
  /** The first minute with the highest count. */
  readonly peak: OnlinePeak | null;
}
