import { Injectable, Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import type pg from 'pg';
import { closeClient, openJobClient, openRequestClient, type DatabaseClient } from './database-client.js';
import { translateDatabaseErrors } from './database-error-translation.js';
import { parseDatabaseUrl } from './database-url.js';
import type { PrismaClient } from './generated/client.js';
import { StatementNames } from './statement-names.js';

export interface PrismaServiceOptions {
  /** `postgresql://…`, with Prisma's `?schema=` if tables are not in `public`. */
  readonly url: string;
  /** Limits the connections for requests; jobs have their own. */
  readonly poolSize: number;
}

/** Runs statements: the client itself, or one transaction of it. */
export type PrismaSession = Omit<
  PrismaClient,
  '$connect' | '$disconnect' | '$on' | '$use' | '$extends' | '$transaction'
>;

/** Connections opened before the first request. */
const WARM_CONNECTIONS = 3;
const TRANSACTION_MAX_WAIT_MS = 5000;

/**
 * Two clients on one database: a rollup takes no connection of a request and has its own time limit.
 * Connects on first use and after every loss, so the service starts and recovers without its database.
 */
@Injectable()
export class PrismaService implements OnModuleInit, OnApplicationShutdown {
  private readonly logger = new Logger(PrismaService.name);
  private readonly requests: DatabaseClient;
  private readonly jobs: DatabaseClient;
  /** Null behind a pooler: the next statement may reach a server that does not know the name. */
  private readonly statementNames: StatementNames | null;

  constructor({ url, poolSize }: PrismaServiceOptions) {
    const databaseUrl = parseDatabaseUrl(url);
    const onConnectionLost = (error: Error): void => {
      this.logger.warn(`An idle database connection was lost: ${error.message}`);
    };
    this.requests = openRequestClient(databaseUrl, poolSize, onConnectionLost);
    this.jobs = openJobClient(databaseUrl, onConnectionLost);
    this.statementNames = databaseUrl.isPooled ? null : new StatementNames();
  }

  /** Opens a few connections before the first requests; the service starts without a database as well. */
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

  /** Runs a request's statements. @throws ApplicationException `database_unavailable`, `database_too_slow` */
  async forRequest<T>(work: (prisma: PrismaSession) => Promise<T>): Promise<T> {
    return translateDatabaseErrors(() => work(this.requests.prisma));
  }

  /**
   * Runs one prepared statement of a request by the driver, without Prisma; docs/adr/0010 gives the measurements.
   *
   * @param sql constant text
   * @param parameters texts, arrays and JSON included; the statement casts them
   * @throws ApplicationException `database_unavailable`, `database_too_slow`
   */
  async statementForRequest<Row extends pg.QueryResultRow>(
    sql: string,
    ...parameters: readonly string[]
  ): Promise<Row[]> {
    const name = this.statementNames?.nameOf(sql);
    return translateDatabaseErrors(async () => {
      const { rows } = await this.requests.pool.query<Row>({
        ...(name !== undefined && { name }),
        text: sql,
        values: [...parameters],
      });
      return rows;
    });
  }

  /** Runs statements of a scheduled job or a command. @throws ApplicationException `database_unavailable` */
  async forJob<T>(work: (prisma: PrismaSession) => Promise<T>): Promise<T> {
    return translateDatabaseErrors(() => work(this.jobs.prisma));
  }

  /** Runs a job's transaction for at most `timeoutMs`. @throws ApplicationException `database_unavailable` */
  async transactionForJob<T>(work: (prisma: PrismaSession) => Promise<T>, timeoutMs: number): Promise<T> {
    return translateDatabaseErrors(() =>
      this.jobs.prisma.$transaction(work, { maxWait: TRANSACTION_MAX_WAIT_MS, timeout: timeoutMs }),
    );
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all([closeClient(this.requests), closeClient(this.jobs)]);
  }
}
