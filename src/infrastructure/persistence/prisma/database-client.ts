import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import type { DatabaseUrl } from './database-url.js';
import { PrismaClient } from './generated/client.js';

/** Requests answer 503 within two seconds: a wait for a connection and one statement fit into them. */
const REQUEST_CONNECT_TIMEOUT_MS = 800;
const REQUEST_QUERY_TIMEOUT_MS = 1000;
/** A responsive server cancels the statement before the driver gives the connection up. */
const REQUEST_STATEMENT_TIMEOUT_MS = 900;
/** Allows a rollup of millions of actives, and an audit of a whole day's log. */
const JOB_QUERY_TIMEOUT_MS = 10 * 60 * 1000;
const JOB_CONNECT_TIMEOUT_MS = 5000;
/** Serves the jobs that meet at 01:00: two rollups with a lock each, the outbox relay, a snapshot, housekeeping. */
const JOB_CONNECTIONS = 8;

/** A pool of connections, and the Prisma client that uses it. */
export interface DatabaseClient {
  readonly pool: pg.Pool;
  readonly prisma: PrismaClient;
}

type OnConnectionLost = (error: Error) => void;

/** Opens a client whose statements fit into the time limit of a request. */
export function openRequestClient(
  url: DatabaseUrl,
  poolSize: number,
  onConnectionLost: OnConnectionLost,
): DatabaseClient {
  const limits = {
    max: poolSize,
    connectionTimeoutMillis: REQUEST_CONNECT_TIMEOUT_MS,
    query_timeout: REQUEST_QUERY_TIMEOUT_MS,
    statement_timeout: REQUEST_STATEMENT_TIMEOUT_MS,
  };
  return openClient(url, limits, [], onConnectionLost);
}

/** Opens a client for scheduled jobs and commands, which run for minutes. */
export function openJobClient(url: DatabaseUrl, onConnectionLost: OnConnectionLost): DatabaseClient {
  const limits = {
    max: JOB_CONNECTIONS,
    connectionTimeoutMillis: JOB_CONNECT_TIMEOUT_MS,
    query_timeout: JOB_QUERY_TIMEOUT_MS,
    statement_timeout: JOB_QUERY_TIMEOUT_MS,
  };
  // JIT compilation takes a tenth of a large rollup, and saves less.
  return openClient(url, limits, ['jit=off'], onConnectionLost);
}

export async function closeClient({ pool, prisma }: DatabaseClient): Promise<void> {
  await prisma.$disconnect();
  await pool.end();
}

/** @param sessionSettings settings of PostgreSQL; left out behind a pooler, which refuses them */
function openClient(
  { connectionString, schema, isPooled }: DatabaseUrl,
  limits: pg.PoolConfig,
  sessionSettings: readonly string[],
  onConnectionLost: OnConnectionLost,
): DatabaseClient {
  const settings = [
    // Raw statements name no schema.
    ...(schema === null ? [] : [`search_path=${schema}`]),
    ...(isPooled ? [] : sessionSettings),
  ];
  const pool = new pg.Pool({
    ...limits,
    connectionString,
    application_name: 'analytics-presence-service',
    keepAlive: true,
    ...(settings.length > 0 && { options: settings.map((setting) => `-c ${setting}`).join(' ') }),
  });
  // The pool replaces an idle connection that breaks; without a listener the error would end the process.
  pool.on('error', onConnectionLost);
  const adapter = new PrismaPg(pool, {
    onConnectionError: onConnectionLost,
    ...(schema !== null && { schema }),
  });
  return { pool, prisma: new PrismaClient({ adapter }) };
}
