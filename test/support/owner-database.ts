import { Client } from 'pg';

export interface LogRow {
  readonly eventId: string;
  readonly eventTime: Date;
  readonly userId: string | null;
  readonly installId: string;
  readonly eventName: string;
  readonly properties: unknown;
}

/** A look at what was really stored, past the service, as the owner of the tables. */
export class OwnerDatabase {
  private constructor(private readonly client: Client) {}

  static async connect(url: string): Promise<OwnerDatabase> {
    const client = new Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
    // Servers are killed under these tests; a lost connection shows in the next query.
    client.on('error', () => undefined);
    await client.connect();
    return new OwnerDatabase(client);
  }

  async rows(sql: string, values: readonly unknown[] = []): Promise<readonly Record<string, unknown>[]> {
    const { rows } = await this.client.query<Record<string, unknown>>(sql, [...values]);
    return rows;
  }

  /** The log's rows of these events, in the order of the ids; undefined for one that is not there. */
  async events(eventIds: readonly string[]): Promise<readonly (LogRow | undefined)[]> {
    const { rows } = await this.client.query<LogRow>(
      `SELECT event_id AS "eventId", event_time AS "eventTime", user_id::text AS "userId", install_id AS "installId",
              event_name AS "eventName", properties
       FROM analytics_event_log WHERE event_id = ANY ($1::uuid[])`,
      [eventIds.map((id) => id.toLowerCase())],
    );
    const found = new Map(rows.map((row) => [row.eventId, row]));
    return eventIds.map((id) => found.get(id.toLowerCase()));
  }

  /** How many rows each table has that a batch of events may write to. The outbox is left out: it empties itself. */
  async counts(): Promise<Record<string, unknown>> {
    const [row] = await this.rows(`
      SELECT (SELECT count(*)::int FROM analytics_event_log) AS log,
             (SELECT count(*)::int FROM analytics_daily_actives) AS actives,
             (SELECT count(*)::int FROM analytics_event_corrections) AS corrections`);
    return row ?? {};
  }

  async close(): Promise<void> {
    await this.client.end().catch(() => undefined);
  }
}
