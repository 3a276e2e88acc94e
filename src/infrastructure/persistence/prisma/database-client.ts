import { PrismaPg } from '@prisma/adapter-pg';
import type pg from 'pg';
import { endsWithin } from '../../../shared/utils/timeout.util.js';
import {
  ConnectionRetired,
  DatabaseConnection,
  type ConnectionRules,
  type SilentBackend,
} from './database-connection.js';
import type { PostgresHost } from '../../../config/postgres-hosts.js';
import type { DatabaseUrl } from './database-url.js';
import { PrismaClient } from './generated/client.js';
import { GradualPool } from './gradual-pool.js';
import { sessionSettings, toStartupOptions, type SessionSettings } from './session-settings.js';
import { WriterFinder } from './writer-finder.js';

/** Time limits and number of connections of one kind of work. */
export interface WorkLimits {
  readonly connections: number;
  readonly connectTimeoutMs: number;
  /** A responsive server cancels the statement before the connection counts as silent. */
  readonly statementTimeoutMs: number;
  readonly answerWithinMs: number;
}

/** Requests answer 503 within two seconds: a wait for a connection and one statement fit into them. */
export const REQUEST_LIMITS = { connectTimeoutMs: 800, statementTimeoutMs: 900, answerWithinMs: 1000 };

/**
 * Short statements of jobs: the outbox relay, locks, snapshots, reads and writes of figures.
 * Their connections serve the jobs that meet at 01:00: a lock for each of four jobs, the relay's senders, statements.
 */
export const JOB_LIMITS: WorkLimits = {
  connections: 8,
  connectTimeoutMs: 3000,
  statementTimeoutMs: 4500,
  answerWithinMs: 5000,
};

/** Rollups of millions of actives, audits of a day's log, housekeeping: one connection for each of these jobs. */
export const LONG_JOB_LIMITS: WorkLimits = {
  connections: 3,
  connectTimeoutMs: 3000,
  statementTimeoutMs: 10 * 60 * 1000,
  answerWithinMs: 10 * 60 * 1000 + 5000,
};

const APPLICATION_NAME = 'analytics-presence-service';
const KEEP_ALIVE_DELAY_MS = 5000;
/** A server that refuses writes or is too slow again and again does not make all connections anew each time. */
const RENEWAL_INTERVAL_MS = 3000;
const CLOSE_TIMEOUT_MS = 500;
/** Keeps connections between polls of the page, and not for the minute after which many proxies cut them. */
const IDLE_TIMEOUT_MS = 45_000;

/** Hears of what happens to connections. */
export interface ConnectionEvents {
  readonly onLost: (error: Error) => void;
  /** @param backend that did not answer; null behind a pooler */
  readonly onSilent: (backend: SilentBackend | null) => void;
  /** Idle connections are ended at once, the others when their work ends. */
  readonly onRenewal: (connections: number, reason: string) => void;
}

/** Connections for one kind of work. */
export class DatabasePool {
  readonly pool: pg.Pool;
  private readonly open = new Set<DatabaseConnection>();
  private renewedAt = -Infinity;
  private answeredAtMs = -Infinity;

  /** @param writer finds the host that takes writes; null for the only host of the URL */
  constructor(
    private readonly url: DatabaseUrl,
    limits: WorkLimits,
    private readonly events: ConnectionEvents,
    private readonly writer: WriterFinder | null,
  ) {
    const settings = sessionSettings(url.schema, limits);
    this.pool = new GradualPool({
      Client: connectionClass({
        answerWithinMs: limits.answerWithinMs,
        startupOptions: startupOptions(url, settings),
        transactionSettings: url.isPooled ? settings : null,
        ...(writer !== null && { writer }),
        onAnswer: () => {
          this.answeredAtMs = performance.now();
        },
        onLate: (backend, sentAtMs) => {
          // A pooler that answers others meanwhile is not silent: the statement waits for a free server.
          if (url.isPooled && this.answeredAtMs > sentAtMs) return;
          events.onSilent(backend);
          this.renew('it does not answer');
        },
        onWrongNode: () => {
          this.renew('it refuses writes (25006)');
        },
        open: this.open,
      }),
      connectionString: url.connectionString,
      max: limits.connections,
      connectionTimeoutMillis: limits.connectTimeoutMs,
      idleTimeoutMillis: IDLE_TIMEOUT_MS,
      application_name: APPLICATION_NAME,
      keepAlive: true,
      keepAliveInitialDelayMillis: KEEP_ALIVE_DELAY_MS,
      pipeline: url.isPooled,
      onConnect: prepare,
    });
    // The pool replaces an idle connection that breaks; without a listener the error would end the process.
    this.pool.on('error', (error) => {
      if (!(error instanceof ConnectionRetired)) events.onLost(error);
    });
  }

  openPrisma(): PrismaClient {
    const adapter = new PrismaPg(this.pool, {
      schema: this.url.schema,
      onConnectionError: this.events.onLost,
    });
    return new PrismaClient({ adapter });
  }

  /** Ends within a bounded time and never fails; a server that does not answer is not waited for. */
  async close(): Promise<void> {
    await endsWithin(this.pool.end(), CLOSE_TIMEOUT_MS).catch(() => undefined);
    for (const connection of this.open) connection.drop();
  }

  /** The others are as old and lead to the same server; by then the address may lead to another one. */
  private renew(reason: string): void {
    if (performance.now() - this.renewedAt < RENEWAL_INTERVAL_MS) return;
    this.renewedAt = performance.now();
    this.writer?.forget();
    this.events.onRenewal(this.open.size, reason);
    for (const connection of [...this.open]) connection.retire();
  }
}

/** Time in which a host says whether it takes writes. */
const ASK_LIMITS = { connectTimeoutMs: 2000, statementTimeoutMs: 1500, answerWithinMs: 2000 };

/** Returns null for a URL whose only host is used as it is. */
export function findsWriter(url: DatabaseUrl): WriterFinder | null {
  if (url.hosts.length === 0) return null;
  return new WriterFinder(url.hosts, async (host) => {
    const connection = await openConnection(url, ASK_LIMITS, host);
    await connection.end();
  });
}

/**
 * Opens a connection without a pool, for setup and migrations.
 *
 * @param host the only one to connect to; default: the one that takes writes
 */
export async function openConnection(
  url: DatabaseUrl,
  limits: Omit<WorkLimits, 'connections'>,
  host?: PostgresHost,
): Promise<pg.Client> {
  const settings = sessionSettings(url.schema, limits);
  const writer = host === undefined ? findsWriter(url) : new WriterFinder([host], () => Promise.resolve());
  const connection = new DatabaseConnection(
    {
      connectionString: url.connectionString,
      connectionTimeoutMillis: limits.connectTimeoutMs,
      application_name: APPLICATION_NAME,
      keepAlive: true,
      keepAliveInitialDelayMillis: KEEP_ALIVE_DELAY_MS,
    },
    {
      answerWithinMs: limits.answerWithinMs,
      startupOptions: startupOptions(url, settings),
      transactionSettings: url.isPooled ? settings : null,
      ...(writer !== null && { writer }),
    },
  );
  try {
    await (connection as pg.Client).connect();
    await connection.prepare();
    return connection;
  } catch (error) {
    connection.drop();
    throw error;
  }
}

/** A pooler refuses startup parameters, except those that the URL has for it. */
function startupOptions({ isPooled, options }: DatabaseUrl, settings: SessionSettings): string {
  return isPooled ? options : [options, toStartupOptions(settings)].filter(Boolean).join(' ');
}

/** The pool waits for the promise, which its type does not say. */
function prepare(client: pg.ClientBase): unknown {
  return (client as DatabaseConnection).prepare();
}

function connectionClass(rules: ConnectionRules): new () => DatabaseConnection {
  return class extends DatabaseConnection {
    constructor(config: pg.ClientConfig = {}) {
      super(config, rules);
    }
  };
}
