import { openSql, type Row, type Sql } from './sql.js';

/** A row of the event log. */
export interface LogRow extends Row {
  readonly eventId: string;
  readonly eventTime: Date;
  readonly userId: string | null;
  readonly installId: string;
  readonly eventName: string;
  readonly properties: unknown;
}

/** Reads what was stored, as the owner of the tables and without the service. */
export class OwnerDatabase {
  private constructor(private readonly sql: Sql) {}

  static async connect(url: string): Promise<OwnerDatabase> {
    return new OwnerDatabase(await openSql(url));
  }

  rows(sql: string, values: readonly unknown[] = []): Promise<readonly Row[]> {
    return this.sql.rows(sql, values);
  }

  /** Returns the rows of these events in the order of the ids; undefined for an event that is not stored. */
  async events(eventIds: readonly string[]): Promise<readonly (LogRow | undefined)[]> {
    const rows = await this.sql.rows<LogRow>(
      `SELECT event_id AS "eventId", event_time AS "eventTime", user_id::text AS "userId", install_id AS "installId",
              event_name AS "eventName", properties
       FROM analytics_event_log WHERE event_id = ANY ($1::uuid[])`,
      [eventIds.map((id) => id.toLowerCase())],
    );
    const found = new Map(rows.map((row) => [row.eventId, row]));
    return eventIds.map((id) => found.get(id.toLowerCase()));
  }

  /** Counts the rows of the tables that a batch of events writes to, without the outbox, which the relay empties. */
  async counts(): Promise<Record<string, unknown>> {
    const [row] = await this.rows(`
      SELECT (SELECT count(*)::int FROM analytics_event_log) AS log,
             (SELECT count(*)::int FROM analytics_daily_actives) AS actives,
             (SELECT count(*)::int FROM analytics_event_corrections) AS corrections`);
    return row ?? {};
  }

  close(): Promise<void> {
    return this.sql.close();
  }
}
