export interface OutboxLaneStatus {
  readonly lane: number;
  readonly waiting: number;
  /** Age of the oldest waiting message by the database's clock; null when no message waits. */
  readonly oldestSeconds: number | null;
  readonly publishedAt: Date | null;
  /** Number of failed attempts since a batch was last published. */
  readonly failures: number;
  readonly lastError: string | null;
  readonly lastErrorAt: Date | null;
}

/** Reports on the lanes of the outbox. */
export interface IOutboxLanes {
  /** @param countUpTo limits how many waiting messages of a lane are counted; null counts all */
  readStatus(countUpTo: number | null): Promise<OutboxLaneStatus[]>;
}

export const OUTBOX_LANES = Symbol('IOutboxLanes');
