import { Logger } from '@nestjs/common';
import type { HealthProbe } from '../../application/ports/health-probe.port.js';
import type { DatabaseLayout } from './database-layout.js';
import type { PrismaService } from './prisma/prisma.service.js';

const WRITE_SQL = 'SELECT analytics_probe_write($1::boolean)';
const READ_SQL = 'SELECT 1 AS one';
/** Bounds the writes, however many probes arrive: until then a successful one is followed by reads. */
const WRITE_LASTS_MS = 1000;

/**
 * Writes as the ingest of events does: a server that only reads is of no use to this service.
 * After a flush that failed the probe needs free space, so a full disk stays unavailable without traffic as well.
 */
export class DatabaseProbe implements HealthProbe {
  readonly dependency = 'database';
  // Every route that stores or reads needs the database.
  readonly essential = true;
  private readonly logger = new Logger(DatabaseProbe.name);
  private inFlight: Promise<void> | null = null;
  private writtenAt = -Infinity;
  /** True from the logged failure to the logged recovery. */
  private isDown = false;

  constructor(
    private readonly prisma: PrismaService,
    private readonly layout: Pick<DatabaseLayout, 'verify' | 'forget'>,
  ) {}

  check(): Promise<void> {
    this.inFlight ??= this.ask().finally(() => {
      this.inFlight = null;
    });
    return this.inFlight;
  }

  private async ask(): Promise<void> {
    const hasWritten = performance.now() - this.writtenAt < WRITE_LASTS_MS;
    try {
      await this.layout.verify();
      if (hasWritten && !this.prisma.lastFlushFailed) await this.prisma.statementForRequest(READ_SQL);
      else await this.write();
      if (this.isDown) this.logger.log('The database takes writes again');
      this.isDown = false;
    } catch (error) {
      this.layout.forget();
      if (!this.isDown) this.logger.warn(`The database takes no writes: ${reasonOf(error)}`);
      this.isDown = true;
      throw error;
    }
  }

  private async write(): Promise<void> {
    const thorough = this.prisma.lastFlushFailed;
    await this.prisma.statementForRequest(WRITE_SQL, String(thorough));
    if (thorough) this.prisma.lastFlushFailed = false;
    this.writtenAt = performance.now();
  }
}

function reasonOf(error: unknown): string {
  const { cause } = error as Error;
  return String(cause ?? error);
}
