import pg from 'pg';

/** Connections that a pool opens at the same time. */
const MAX_OPENING = 2;

/**
 * Opens few connections at a time, and gives each free one to the request that has waited longest. The driver's pool
 * opens one for each request of a burst, and on a busy machine all of them take longer than a request may wait.
 */
export class GradualPool extends pg.Pool {
  declare private readonly _clients: readonly pg.Client[];
  declare private readonly _pulseQueue: () => void;

  constructor(options: pg.PoolConfig) {
    super(options);
    // The driver looks at those who wait when a connection is given back or lost, not when one is made.
    this.on('connect', () => {
      process.nextTick(() => {
        this._pulseQueue();
      });
    });
  }

  /** The driver asks before it opens a connection; where the answer is yes, the request waits for a free one. */
  protected _isFull(): boolean {
    const opening = this._clients.filter((client) => client.getTransactionStatus() === null);
    return opening.length >= MAX_OPENING || this._clients.length >= this.options.max;
  }
}
