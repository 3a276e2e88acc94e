import { Logger, type OnModuleInit } from '@nestjs/common';
import { ApplicationException } from '../../shared/exceptions/application.exception.js';
import type { PrismaService } from './prisma/prisma.service.js';

/** Null before the migrations; the tables of a cluster have buckets. */
const HAS_BUCKETS_SQL = `
SELECT CASE WHEN to_regclass('analytics_event_log') IS NOT NULL THEN EXISTS (
  SELECT FROM pg_attribute WHERE attrelid = to_regclass('analytics_event_log') AND attname = 'bucket' AND NOT attisdropped
) END AS "hasBuckets"
`;

/** Compares CITUS with the tables: the statements for one kind of tables fail or lose rows on the other. */
export class DatabaseLayout implements OnModuleInit {
  private readonly logger = new Logger(DatabaseLayout.name);
  private isVerified = false;

  constructor(
    private readonly prisma: Pick<PrismaService, 'statementForRequest'>,
    private readonly isDistributed: boolean,
  ) {}

  /** Ends the start on a mismatch. A database that does not answer yet is compared by the readiness probe. */
  async onModuleInit(): Promise<void> {
    try {
      await this.verify();
    } catch (error) {
      if (error instanceof ApplicationException && error.code === 'database_layout_mismatch') throw error;
      this.logger.debug(`CITUS is not compared with the database yet: ${String(error)}`);
    }
  }

  /**
   * Asks until the database has given an answer that fits.
   *
   * @throws ApplicationException `database_layout_mismatch`, `database_unavailable`, `database_too_slow`
   */
  async verify(): Promise<void> {
    if (this.isVerified) return;
    const [row] = await this.prisma.statementForRequest<{ hasBuckets: boolean | null }>(HAS_BUCKETS_SQL);
    const hasBuckets = row?.hasBuckets ?? null;
    assertLayout(this.isDistributed, hasBuckets);
    this.isVerified = hasBuckets !== null;
  }

  /** Compares again: after an outage the address may lead to another database. */
  forget(): void {
    this.isVerified = false;
  }
}

/**
 * @param hasBuckets null when the database has no tables yet
 * @throws ApplicationException `database_layout_mismatch`
 */
export function assertLayout(isDistributed: boolean, hasBuckets: boolean | null): void {
  if (hasBuckets === null || hasBuckets === isDistributed) return;
  throw new ApplicationException('database_layout_mismatch', {
    detail: isDistributed
      ? 'CITUS must be false when the tables of DATABASE_URL are those of one server, it is true: ' +
        'remove CITUS, or name a database that npm run prisma:migrate has distributed'
      : 'CITUS must be true when the tables of DATABASE_URL are distributed over buckets, it is false: ' +
        'set CITUS=true, or name a database of one server',
  });
}
