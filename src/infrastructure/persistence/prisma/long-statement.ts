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

/**
 * Runs a statement that may take minutes. While it is in flight, other connections ask whether the server still works
 * on it: a statement that the server has ended, without an answer here, has a silent connection.
 *
 * @param short pool of short statements
 */
export async function runLongStatement<Row extends pg.QueryResultRow>(
  { long, short }: { readonly long: pg.Pool; readonly short: pg.Pool },
  sql: string,
  parameters: readonly string[],
): Promise<Row[]> {
  const mark = `/* ${PROCESS}.${++statements} */`;
  const client = await long.connect();
  const stop = watch(short, mark, () => {
    (client as unknown as DatabaseConnection).drop(new Error('Query read timeout'));
  });
  try {
    const { rows } = await client.query<Row>(`${mark} ${sql}`, [...parameters]);
    client.release();
    return rows;
  } catch (error) {
    client.release(true);
    throw error;
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
