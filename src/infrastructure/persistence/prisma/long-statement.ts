import type pg from 'pg';
import type { DatabaseConnection } from './database-connection.js';

const CHECK_INTERVAL_MS = 3000;
/** One miss may be a moment in which a pooler has not started the statement yet, or has just ended it. */
const MISSES = 2;

/** A server that does not record activities says nothing about the statement. */
const RUNS_SQL = `
SELECT current_setting('track_activities') <> 'on' OR EXISTS (
  SELECT FROM pg_stat_activity
  WHERE starts_with(query, $1) AND state = 'active' AND wait_event IS DISTINCT FROM 'ClientWrite'
) AS runs
`;

/** Tells apart the processes of all machines. */
const PROCESS = `${process.pid}.${performance.timeOrigin}`;
let statements = 0;

/** Pools of a long statement: it runs in the first, and connections of the second watch it. */
export interface LongStatementPools {
  readonly long: pg.Pool;
  readonly short: pg.Pool;
}

/** Runs the statements of one transaction. */
export interface LongSession {
  /** @param sql constant text */
  run<Row extends pg.QueryResultRow>(sql: string, ...parameters: readonly string[]): Promise<Row[]>;
}

/**
 * Runs a statement that may take minutes. While it is in flight, other connections ask whether the server still works
 * on it: a statement that the server has ended, without an answer here, has a silent connection.
 */
export async function runLongStatement<Row extends pg.QueryResultRow>(
  { long, short }: LongStatementPools,
  sql: string,
  parameters: readonly string[],
): Promise<Row[]> {
  return withClient(long, (client) => runWatched<Row>(client, short, sql, parameters));
}

/** Runs statements that may take minutes each in one transaction, which ends with the work or with its failure. */
export async function runLongTransaction<T>(
  { long, short }: LongStatementPools,
  work: (session: LongSession) => Promise<T>,
): Promise<T> {
  return withClient(long, async (client) => {
    await client.query('BEGIN');
    const result = await work({ run: (sql, ...parameters) => runWatched(client, short, sql, parameters) });
    await client.query('COMMIT');
    return result;
  });
}

/** Closes the connection after a failure: the server rolls back what it has begun. */
async function withClient<T>(pool: pg.Pool, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  try {
    const result = await work(client);
    client.release();
    return result;
  } catch (error) {
    client.release(true);
    throw error;
  }
}

async function runWatched<Row extends pg.QueryResultRow>(
  client: pg.PoolClient,
  short: pg.Pool,
  sql: string,
  parameters: readonly string[],
): Promise<Row[]> {
  const mark = `/* ${PROCESS}.${++statements} */`;
  const stop = watch(short, mark, () => {
    (client as unknown as DatabaseConnection).drop(new Error('Query read timeout'));
  });
  try {
    const { rows } = await client.query<Row>(`${mark} ${sql}`, [...parameters]);
    return rows;
  } finally {
    stop();
  }
}

/** @returns a function that ends the watch */
function watch(short: pg.Pool, mark: string, onLost: () => void): () => void {
  let misses = 0;
  let isAsking = false;
  const ask = async (): Promise<void> => {
    try {
      const { rows } = await short.query<{ runs: boolean }>(RUNS_SQL, [mark]);
      misses = rows[0]?.runs === true ? 0 : misses + 1;
      if (misses >= MISSES) onLost();
    } catch {
      // A server that does not answer says nothing about the statement.
    }
  };
  const timer = setInterval(() => {
    if (isAsking) return;
    isAsking = true;
    void ask().finally(() => (isAsking = false));
  }, CHECK_INTERVAL_MS);
  return () => {
    clearInterval(timer);
  };
}
