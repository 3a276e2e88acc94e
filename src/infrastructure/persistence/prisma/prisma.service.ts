import { Injectable, Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import type pg from 'pg';
import { databasePools } from '../../../shared/metrics/metrics.js';
import { ApplicationException } from '../../../shared/exceptions/application.exception.js';
import { endsWithin } from '../../../shared/utils/timeout.util.js';
import {
  DatabasePool,
  findsWriter,
  JOB_LIMITS,
  LONG_JOB_LIMITS,
  REQUEST_LIMITS,
  type ConnectionEvents,
} from './database-client.js';
import { translateDatabaseErrors } from './database-error-translation.js';
import { parseDatabaseUrl } from './database-url.js';
import type { PrismaClient } from './generated/client.js';
import { runLongStatement, runLongTransaction, type LongSession } from './long-statement.js';
import { SilentBackends } from './silent-backends.js';
import { StatementNames } from './statement-names.js';

export interface PrismaServiceOptions {
  /** `postgresql://…`, with Prisma's `?schema=` if tables are not in `public`. */
  readonly url: string;
  /** Limits the connections for requests; jobs have their own. */
  readonly poolSize: number;
  /** Names the pools of a further database in the metrics; default: those of the main one. */
  readonly poolPrefix?: string;
}

/** Runs statements: the client itself, or one transaction of it. */
export type PrismaSession = Omit<
  PrismaClient,
  '$connect' | '$disconnect' | '$on' | '$use' | '$extends' | '$transaction'
>;

/** Connections opened before the first request. */
const WARM_CONNECTIONS = 3;
const TRANSACTION_MAX_WAIT_MS = 5000;
const DISCONNECT_TIMEOUT_MS = 500;

/**
 * One pool of connections for each kind of work, so that none waits for another and each has its own time limits.
 * Connects on first use and after every loss, so the service starts and recovers without its database.
 */
@Injectable()
export class PrismaService implements OnModuleInit, OnApplicationShutdown {
  private readonly logger = new Logger(PrismaService.name);
  private readonly requests: DatabasePool;
  private readonly jobs: DatabasePool;
  private readonly longJobs: DatabasePool;
  private readonly requestClient: PrismaClient;
  private readonly jobClient: PrismaClient;
  private readonly silentBackends: SilentBackends;
  /** True from a flush that the database could not store to the next that it could, or to a thorough probe. */
  lastFlushFailed = false;
  private readonly statementNames = new StatementNames();

  constructor({ url, poolSize, poolPrefix = '' }: PrismaServiceOptions) {
    const databaseUrl = parseDatabaseUrl(url);
    this.silentBackends = new SilentBackends(databaseUrl);
    const events = this.connectionEvents();
    const writer = findsWriter(databaseUrl);
    this.requests = new DatabasePool(
      databaseUrl,
      { ...REQUEST_LIMITS, connections: poolSize },
      events,
      writer,
    );
    this.jobs = new DatabasePool(databaseUrl, JOB_LIMITS, events, writer);
    this.longJobs = new DatabasePool(databaseUrl, LONG_JOB_LIMITS, events, writer);
    this.requestClient = this.requests.openPrisma();
    this.jobClient = this.jobs.openPrisma();
    databasePools.set(`${poolPrefix}requests`, this.requests.pool);
    databasePools.set(`${poolPrefix}jobs`, this.jobs.pool);
    databasePools.set(`${poolPrefix}long_jobs`, this.longJobs.pool);
  }

  /** Opens a few connections before the first requests; the service starts without a database as well. */
  async onModuleInit(): Promise<void> {
    const opened = await Promise.allSettled(
      Array.from({ length: WARM_CONNECTIONS }, () =>
        this.forRequest((prisma) => prisma.$queryRaw`SELECT 1 AS one`),
      ),
    );
    const failed = opened.find((each) => each.status === 'rejected');
    if (failed === undefined) return;
    const reason: unknown =
      failed.reason instanceof ApplicationException ? failed.reason.cause : failed.reason;
    // Prisma puts the statement before what the server says.
    const said = String(reason).trim().split('\n').at(-1) ?? '';
    this.logger.warn(
      `The database does not answer yet; requests that need it get 503 until it does: ${said}`,
    );
  }

  /** Runs a request's statements. @throws ApplicationException `database_unavailable`, `database_too_slow` */
  async forRequest<T>(work: (prisma: PrismaSession) => Promise<T>): Promise<T> {
    return translateDatabaseErrors(() => work(this.requestClient));
  }

  /**
   * Runs one prepared statement of a request by the driver, without Prisma; docs/adr/0010 gives the measurements.
   *
   * @param sql constant text
   * @param parameters texts, arrays and JSON included, or values in binary form; the statement casts them
   * @throws ApplicationException `database_unavailable`, `database_too_slow`
   */
  async statementForRequest<Row extends pg.QueryResultRow>(
    sql: string,
    ...parameters: readonly (string | Buffer)[]
  ): Promise<Row[]> {
    const name = this.statementNames.nameOf(sql);
    return translateDatabaseErrors(async () => {
      const { rows } = await this.requests.pool.query<Row>({
        name,
        text: sql,
        values: [...parameters],
      });
      return rows;
    });
  }

  /** Runs statements of a job or a command that take seconds. @throws ApplicationException `database_unavailable` */
  async forJob<T>(work: (prisma: PrismaSession) => Promise<T>): Promise<T> {
    return translateDatabaseErrors(() => work(this.jobClient));
  }

  /**
   * Runs one statement of a job or a command that may take ten minutes.
   *
   * @param sql constant text
   * @throws ApplicationException `database_unavailable`, `database_too_slow`
   */
  async longStatementForJob<Row extends pg.QueryResultRow>(
    sql: string,
    ...parameters: readonly string[]
  ): Promise<Row[]> {
    const pools = { long: this.longJobs.pool, short: this.jobs.pool };
    return translateDatabaseErrors(() => runLongStatement<Row>(pools, sql, parameters));
  }

  /**
   * Runs one transaction of a job or a command, whose statements may take ten minutes each.
   *
   * @throws ApplicationException `database_unavailable`, `database_too_slow`
   */
  async longTransactionForJob<T>(work: (session: LongSession) => Promise<T>): Promise<T> {
    const pools = { long: this.longJobs.pool, short: this.jobs.pool };
    return translateDatabaseErrors(() => runLongTransaction(pools, work));
  }

  /**
   * Runs a job's transaction for at most `timeoutMs`; its statements are short ones.
   *
   * @throws ApplicationException `database_unavailable`
   */
  async transactionForJob<T>(work: (prisma: PrismaSession) => Promise<T>, timeoutMs: number): Promise<T> {
    return translateDatabaseErrors(() =>
      this.jobClient.$transaction(work, { maxWait: TRANSACTION_MAX_WAIT_MS, timeout: timeoutMs }),
    );
  }

  /** Ends within a bounded time, whatever the server does. */
  async onApplicationShutdown(): Promise<void> {
    this.silentBackends.stop();
    await Promise.all([this.requests, this.jobs, this.longJobs].map((pool) => pool.close()));
    const clients = [this.requestClient, this.jobClient].map((client) => client.$disconnect());
    await endsWithin(Promise.allSettled(clients), DISCONNECT_TIMEOUT_MS);
  }

  private connectionEvents(): ConnectionEvents {
    return {
      onLost: (error) => {
        this.logger.warn(`A database connection was lost: ${error.message}`);
      },
      onSilent: (backend) => {
        this.silentBackends.add(backend);
      },
      onRenewal: (connections, reason) => {
        this.logger.warn(`${connections} database connections are made again: ${reason}`);
      },
    };
  }
}
