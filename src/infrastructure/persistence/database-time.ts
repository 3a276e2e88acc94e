import type { TimeSource } from '../system/time-source.js';
import type { PrismaService } from './prisma/prisma.service.js';

/** The clock of PostgreSQL, as a number that no session setting can change. */
export class DatabaseTime implements TimeSource {
  readonly name = 'PostgreSQL';

  constructor(private readonly prisma: PrismaService) {}

  async readMs(): Promise<number> {
    const [row] = await this.prisma.forRequest(
      (prisma) => prisma.$queryRaw<{ ms: number }[]>`
        SELECT (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS ms`,
    );
    if (row === undefined) throw new Error('PostgreSQL did not tell its time');
    return row.ms;
  }
}
