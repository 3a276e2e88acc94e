import { Logger } from '@nestjs/common';
import type { HealthProbe } from '../../application/ports/health-probe.port.js';
import type { PrismaService } from './prisma/prisma.service.js';

const PROBE_SQL = 'SELECT analytics_probe_write($1::boolean)';
/** Bounds the writes, however many probes arrive; a failed probe is not remembered. */
const SUCCESS_LASTS_MS = 1000;

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
  private succeededAt = -Infinity;
  /** True from the logged failure to the logged recovery. */
  private isDown = false;

  constructor(private readonly prisma: PrismaService) {}

  check(): Promise<void> {
    const isFresh = performance.now() - this.succeededAt < SUCCESS_LASTS_MS;
    if (isFresh && !this.prisma.lastFlushFailed) return Promise.resolve();
    this.inFlight ??= this.write().finally(() => {
      this.inFlight = null;
    });
    return this.inFlight;
  }

  private async write(): Promise<void> {
    const thorough = this.prisma.lastFlushFailed;
    try {
      await this.prisma.statementForRequest(PROBE_SQL, String(thorough));
      if (thorough) this.prisma.lastFlushFailed = false;
      this.succeededAt = performance.now();
      if (this.isDown) this.logger.log('The database takes writes again');
      this.isDown = false;
    } catch (error) {
      if (!this.isDown) this.logger.warn(`The database takes no writes: ${reasonOf(error)}`);
      this.isDown = true;
      throw error;
    }
  }
}

function reasonOf(error: unknown): string {
  const { cause } = error as Error;
  return String(cause ?? error);
}
