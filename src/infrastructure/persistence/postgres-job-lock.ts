import { Injectable } from '@nestjs/common';
import type { IJobLock } from '../../application/ports/job-lock.port.js';
import { PrismaService } from './prisma/prisma.service.js';

/** Far above any job's own limit; beyond it the transaction, and the lock with it, is given up. */
const MAX_HELD_MS = 60 * 60 * 1000;

/**
 * An advisory lock of a transaction that stays open while the work runs: PostgreSQL gives it back when the
 * transaction ends, and also when the process or its connection dies. No timer decides.
 */
@Injectable()
export class PostgresJobLock implements IJobLock {
  constructor(private readonly prisma: PrismaService) {}

  async runExclusively(name: string, work: () => Promise<void>): Promise<boolean> {
    return this.prisma.transactionForJob(async (transaction) => {
      const [row] = await transaction.$queryRaw<{ locked: boolean }[]>`
        SELECT pg_try_advisory_xact_lock(hashtextextended(${`analytics:${name}`}, 0)) AS locked`;
      if (row?.locked !== true) return false;
      await work();
      return true;
    }, MAX_HELD_MS);
  }
}
