import { Injectable } from '@nestjs/common';
import type { IJobLock } from '../../application/ports/job-lock.port.js';
import { PrismaService } from './prisma/prisma.service.js';

/** Limits how long the transaction, and with it the lock, is held; every job's own limit is far lower. */
const MAX_HELD_MS = 60 * 60 * 1000;

/**
 * Advisory lock of a transaction that stays open while the work runs: PostgreSQL releases it when the
 * transaction ends or its connection dies, so no timer can release it under running work.
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
