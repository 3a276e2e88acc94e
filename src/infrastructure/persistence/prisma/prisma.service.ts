import { Injectable, Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import { isUnavailable, sqlStateOf } from './database-errors.js';
import { PrismaClient } from './generated/client.js';
import {
  ApplicationException,
  dependencyUnavailable,
} from '../../../shared/exceptions/application.exception.js';

export interface PrismaServiceOptions {
  /** `postgresql://…`, with Prisma's `?schema=` if tables are not in `public`. */
  readonly url: string;
  /** Connections for requests; jobs have {@link JOB_CONNECTIONS} of their own. */
  readonly poolSize: number;
}

/** What runs statements: the client, or a transaction of it. */
export type PrismaSession = Omit<
  PrismaClient,
  '$connect' | '$disconnect' | '$on' | '$use' | '$extends' | '$transaction'
>;

/** Requests answer 503 within two seconds; waiting for a connection and for the statement are both in it. */
const REQUEST_CONNECT_TIMEOUT_MS = 800;
const REQUEST_QUERY_TIMEOUT_MS = 1000;
/** A server that is alive cancels by itself, before we give it up for dead. */
const REQUEST_STATEMENT_TIMEOUT_MS = 900;
/** A rollup of millions of actives, an audit of a whole day's log. */
const JOB_QUERY_TIMEOUT_MS = 10 * 60 * 1000;
/** At 01:00 two rollups with a lock each, the outbox relay, a snapshot and the housekeeping meet. */
const JOB_CONNECTIONS = 8;
const WARM_CONNECTIONS = 3;
const JOB_CONNECT_TIMEOUT_MS = 5000;
const QUERY_CANCELED = '57014';

/** A pool of connections, and Prisma on it. */
interface Client {
  readonly pool: pg.Pool;
  readonly prisma: PrismaClient;
}

/**
 * Two clients on one database, so that a rollup never takes a request's connection nor shares its time limit.
 * Connects on first use and again after every loss: the service starts, and recovers, without its database.
 */
@Injectable()
export class PrismaService implements OnModuleInit, OnApplicationShutdown {
  private readonly logger = new Logger(PrismaService.name);
  private readonly requests: Client;
  private readonly jobs: Client;
  /** Behind PgBouncer the next statement may come to another server, which does not know its name. */
  private readonly mayPrepare: boolean;
  private readonly statementNames = new Map<string, string>();

  constructor(options: PrismaServiceOptions) {
    this.mayPrepare = !withoutPrismaParameters(options.url).isPooled;
    this.requests = this.connect(options.url, {
      max: options.poolSize,
      connectionTimeoutMillis: REQUEST_CONNECT_TIMEOUT_MS,
      query_timeout: REQUEST_QUERY_TIMEOUT_MS,
      statement_timeout: REQUEST_STATEMENT_TIMEOUT_MS,
    });
    const forJobs = {
      max: JOB_CONNECTIONS,
      connectionTimeoutMillis: JOB_CONNECT_TIMEOUT_MS,
      query_timeout: JOB_QUERY_TIMEOUT_MS,
      statement_timeout: JOB_QUERY_TIMEOUT_MS,
    };
    // Compiling takes a tenth of a large rollup, and saves less.
    this.jobs = this.connect(options.url, forJobs, ['jit=off']);
  }

  /** Opens a few connections before the first requests come; without a database the service starts all the same. */
  async onModuleInit(): Promise<void> {
    const opened = await Promise.allSettled(
      Array.from({ length: WARM_CONNECTIONS }, () =>
        this.forRequest((prisma) => prisma.$queryRaw`SELECT 1 AS one`),
      ),
    );
    if (opened.some(({ status }) => status === 'rejected')) {
      this.logger.warn('The database does not answer yet; requests that need it get 503 until it does');
    }
  }

  /** For requests. @throws ApplicationException `database_unavailable`, `database_too_slow` */
  async forRequest<T>(work: (prisma: PrismaSession) => Promise<T>): Promise<T> {
    return translated(() => work(this.requests.prisma));
  }

  /**
   * One statement for a request, by the driver alone: of a small flush's time Prisma would take a fifth. It is parsed
   * once a connection, where a small flush spends as much as on the rest, and kept by the server, so its text must be
   * constant. Every parameter is a text, arrays and JSON included; the statement says what it is.
   *
   * @throws ApplicationException `database_unavailable`, `database_too_slow`
   */
  async statementForRequest<Row extends pg.QueryResultRow>(
    sql: string,
    ...parameters: readonly string[]
  ): Promise<Row[]> {
    const name = this.mayPrepare ? { name: this.nameOf(sql) } : {};
    return translated(async () => {
      const { rows } = await this.requests.pool.query<Row>({ ...name, text: sql, values: [...parameters] });
      return rows;
    });
  }

  /** For scheduled jobs and commands run by hand. @throws ApplicationException `database_unavailable` */
  async forJob<T>(work: (prisma: PrismaSession) => Promise<T>): Promise<T> {
    return translated(() => work(this.jobs.prisma));
  }

  /** A transaction for a job, held for at most `timeoutMs`. @throws ApplicationException `database_unavailable` */
  async transactionForJob<T>(work: (prisma: PrismaSession) => Promise<T>, timeoutMs: number): Promise<T> {
    return translated(() => this.jobs.prisma.$transaction(work, { maxWait: 5000, timeout: timeoutMs }));
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all(
      [this.requests, this.jobs].map(async ({ pool, prisma }) => {
        await prisma.$disconnect();
        await pool.end();
      }),
    );
  }

  /** @param forSession PostgreSQL's settings; a pooler in between would refuse them */
  private connect(url: string, limits: pg.PoolConfig, forSession: readonly string[] = []): Client {
    const { connectionString, schema } = withoutPrismaParameters(url);
    const settings = [
      // Statements of ours name no schema.
      ...(schema === null ? [] : [`search_path=${schema}`]),
      ...(this.mayPrepare ? forSession : []),
    ];
    const pool = new pg.Pool({
      ...limits,
      connectionString,
      application_name: 'analytics-presence-service',
      keepAlive: true,
      ...(settings.length > 0 && { options: settings.map((setting) => `-c ${setting}`).join(' ') }),
    });
    // A connection that breaks while idle is the pool's to replace; without a listener it would end the process.
    const onError = (error: Error): void => {
      this.logger.warn(`An idle database connection was lost: ${error.message}`);
    };
    pool.on('error', onError);
    const adapter = new PrismaPg(pool, { onConnectionError: onError, ...(schema !== null && { schema }) });
    return { pool, prisma: new PrismaClient({ adapter }) };
  }

  /** The same for the same text, on all connections. */
  private nameOf(sql: string): string {
    let name = this.statementNames.get(sql);
    if (name === undefined)
      this.statementNames.set(sql, (name = `statement_${this.statementNames.size + 1}`));
    return name;
  }
}

async function translated<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (sqlStateOf(error) === QUERY_CANCELED) throw databaseTooSlow(error);
    throw isUnavailable(error) ? dependencyUnavailable('database', error) : error;
  }
}

function databaseTooSlow(cause: unknown): ApplicationException {
  return new ApplicationException('database_too_slow', { cause });
}

/** Prisma's own URL parameters mean nothing to the driver. */
export function withoutPrismaParameters(url: string): {
  connectionString: string;
  schema: string | null;
  /** Whether a pooler that hands out a connection for a transaction is in between (`?pgbouncer=true`). */
  isPooled: boolean;
} {
  const parsed = new URL(url);
  const schema = parsed.searchParams.get('schema');
  const isPooled = parsed.searchParams.get('pgbouncer') === 'true';
  for (const name of ['schema', 'connection_limit', 'pool_timeout', 'pgbouncer'])
    parsed.searchParams.delete(name);
  if (schema !== null && !/^[a-z_][a-z0-9_]*$/.test(schema)) {
    throw new TypeError('The schema in the database URL must be a plain lower-case name');
  }
  return { connectionString: parsed.toString(), schema: schema === 'public' ? null : schema, isPooled };
}
