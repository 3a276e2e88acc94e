import type { Client } from 'pg';
import type { OutboxSample } from '../history/history.js';
import type { PostgresStore } from '../stage/postgres-store.js';
import { Repetition } from './repetition.js';

const EVERY_MS = 1_000;
const OUTBOX_SQL = `
SELECT count(*)::int AS messages,
       coalesce(extract(epoch FROM clock_timestamp() - min(created_at)) * 1000, 0)::float8 AS "oldestMs"
FROM analytics_outbox`;

/** Samples the outbox every second, when PostgreSQL answers. */
export class OutboxWatch {
  private client: Client | undefined;
  private readonly samples = new Repetition(EVERY_MS, () => this.sample());

  constructor(
    private readonly postgres: PostgresStore,
    private readonly elapsedMs: () => number,
    private readonly record: (sample: OutboxSample) => void,
  ) {}

  start(): void {
    this.samples.start();
  }

  async stop(): Promise<void> {
    await this.samples.stop();
    await this.client?.end().catch(() => undefined);
  }

  private async sample(): Promise<void> {
    try {
      this.client ??= await this.postgres.connectAsOwner();
      const { rows } = await this.client.query<Omit<OutboxSample, 'atMs'>>(OUTBOX_SQL);
      const [row] = rows;
      if (row !== undefined) this.record({ atMs: Math.round(this.elapsedMs()), ...row });
    } catch {
      // The fault that is acting hit this connection, too.
      const { client } = this;
      this.client = undefined;
      await client?.end().catch(() => undefined);
    }
  }
}
