/**
 * Inserts events with the plain driver into a copy of the log's table: the limit of any ingest into PostgreSQL.
 * Writes an {@link InsertResult} as JSON.
 */
import { Pool, type PoolClient } from 'pg';

import { createEvent } from '../support/bench-events.js';
import type { InsertResult, InsertSpec } from '../support/load.js';

const ROWS_PER_STATEMENT = 1_000;
/** The untimed start, during which server processes start and code is compiled. */
const WARM_UP_SECONDS = 1;
const INSERT_SQL = `
INSERT INTO bench_log (event_id, event_time, user_id, install_id, event_name, properties)
SELECT * FROM unnest($1::uuid[], $2::timestamptz[], $3::bigint[], $4::text[], $5::text[], $6::jsonb[])
`;

const spec = JSON.parse(process.argv[2] ?? '') as InsertSpec;
const pool = new Pool({ connectionString: spec.databaseUrl, max: spec.connections });
const clients = await Promise.all(Array.from({ length: spec.connections }, () => pool.connect()));
await insertFor(Math.min(WARM_UP_SECONDS, spec.seconds));
const start = performance.now();
const rows = await insertFor(spec.seconds);
const result: InsertResult = { rows, seconds: (performance.now() - start) / 1000 };
console.log(JSON.stringify(result));
clients.forEach((client) => client.release());
await pool.end();

async function insertFor(seconds: number): Promise<number> {
  const deadline = performance.now() + seconds * 1000;
  const inserted = await Promise.all(clients.map((client) => insertUntil(client, deadline)));
  return inserted.reduce((sum, each) => sum + each, 0);
}

async function insertUntil(client: PoolClient, deadline: number): Promise<number> {
  let rows = 0;
  while (performance.now() < deadline) {
    const events = Array.from({ length: ROWS_PER_STATEMENT }, (_, i) => createEvent(i));
    await client.query(INSERT_SQL, [
      events.map((event) => event.eventId),
      events.map((event) => new Date(event.atMs)),
      events.map((event) => event.userId),
      events.map((event) => event.installId),
      events.map((event) => event.eventName),
      events.map((event) => event.properties),
    ]);
    rows += ROWS_PER_STATEMENT;
  }
  return rows;
}
