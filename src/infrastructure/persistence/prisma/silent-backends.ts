import { setTimeout as delay } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { openConnection } from './database-client.js';
import type { SilentBackend } from './database-connection.js';
import type { PostgresHost } from '../../../config/postgres-hosts.js';
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
  private readonly backends = new Set<SilentBackend>();
  private isRunning = false;
  private isStopped = false;

  constructor(private readonly url: DatabaseUrl) {}

  /** @param backend null behind a pooler, which ends the transactions of clients that leave */
  add(backend: SilentBackend | null): void {
    if (backend === null || this.isStopped) return;
    this.backends.add(backend);
    if (!this.isRunning) void this.run();
  }

  stop(): void {
    this.isStopped = true;
  }

  private async run(): Promise<void> {
    this.isRunning = true;
    for (let attempt = 1; this.backends.size > 0 && !this.isStopped; attempt++) {
      const taken = [...this.backends];
      const hosts = [...new Set(taken.map(({ host }) => host))];
      await Promise.all(
        hosts.map(async (host) => {
          const backends = taken.filter((each) => each.host === host);
          const isDone = await this.terminate(host, backends);
          // A server that does not answer at all has other worries, and ends its backends when it restarts.
          if (isDone || attempt >= ATTEMPTS) for (const each of backends) this.backends.delete(each);
        }),
      );
      if (this.backends.size > 0) await delay(RETRY_MS, undefined, { ref: false });
    }
    this.isRunning = false;
  }

  /** Asks the server that the backends belong to: another one may give their numbers to other sessions. */
  private async terminate(host: PostgresHost | null, backends: readonly SilentBackend[]): Promise<boolean> {
    try {
      const connection = await openConnection(this.url, LIMITS, host ?? undefined);
      const processIds = backends.map(({ processId }) => processId);
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
