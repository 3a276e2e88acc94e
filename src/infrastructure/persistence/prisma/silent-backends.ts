import { setTimeout as delay } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { openConnection } from './database-client.js';
import type { DatabaseUrl } from './database-url.js';

const LIMITS = { connectTimeoutMs: 2000, statementTimeoutMs: 1500, answerWithinMs: 2000 };
const ATTEMPTS = 3;
const RETRY_MS = 1000;

/** Ends backends that have rested since their connection fell silent; another session may have their number by then. */
const TERMINATE_SQL = `
SELECT count(pg_terminate_backend(pid))::int AS ended FROM pg_stat_activity
WHERE pid = ANY ($1::int[]) AND usename = current_user AND pid <> pg_backend_pid()
  AND state_change < clock_timestamp() - make_interval(secs => 0.5)
`;

/**
 * Frees the locks of transactions whose connection fell silent: their backends would wait for it for hours.
 * Uses a connection of its own, because those of the pools may be silent as well.
 */
export class SilentBackends {
  private readonly logger = new Logger(SilentBackends.name);
  private readonly processIds = new Set<number>();
  private isRunning = false;
  private isStopped = false;

  constructor(private readonly url: DatabaseUrl) {}

  /** @param processId null behind a pooler, which ends the transactions of clients that leave */
  add(processId: number | null): void {
    if (processId === null || this.isStopped) return;
    this.processIds.add(processId);
    if (!this.isRunning) void this.run();
  }

  stop(): void {
    this.isStopped = true;
  }

  private async run(): Promise<void> {
    this.isRunning = true;
    for (let attempt = 1; this.processIds.size > 0 && !this.isStopped; attempt++) {
      const taken = [...this.processIds];
      const isDone = await this.terminate(taken);
      // A server that does not answer at all has other worries, and ends its backends when it restarts.
      if (isDone || attempt >= ATTEMPTS) for (const each of taken) this.processIds.delete(each);
      else await delay(RETRY_MS, undefined, { ref: false });
    }
    this.isRunning = false;
  }

  private async terminate(processIds: readonly number[]): Promise<boolean> {
    try {
      const connection = await openConnection(this.url, LIMITS);
      const { rows } = await connection
        .query<{ ended: number }>(TERMINATE_SQL, [processIds])
        .finally(() => connection.end());
      if (rows[0]?.ended) this.logger.warn(`Ended ${rows[0].ended} database sessions that had fallen silent`);
      return true;
    } catch (error) {
      this.logger.debug(`Silent database sessions could not be ended: ${String(error)}`);
      return false;
    }
  }
}
