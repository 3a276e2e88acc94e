import type { Logger } from '@nestjs/common';

const WARN_EVERY_MS = 10_000;

/** Logs an outage once every ten seconds, however many requests it fails. */
export class OutageLog {
  private readonly warnings = new Map<string, { readonly atMs: number; suppressed: number }>();

  constructor(private readonly logger: Logger) {}

  /** @param fields name the request that met the outage */
  warn(code: string, cause: unknown, fields: Readonly<Record<string, string>> = {}): void {
    const nowMs = performance.now();
    const last = this.warnings.get(code);
    if (last !== undefined && nowMs - last.atMs < WARN_EVERY_MS) {
      last.suppressed++;
      return;
    }
    const suppressed =
      last === undefined || last.suppressed === 0 ? '' : ` (and ${last.suppressed} more requests before)`;
    this.logger.warn(`${code}: ${lastLine(cause)}${suppressed}`, fields);
    this.warnings.set(code, { atMs: nowMs, suppressed: 0 });
  }
}

/** Returns the reason in a Prisma message, whose first lines show the statement. */
function lastLine(cause: unknown): string {
  const message = cause instanceof Error ? cause.message : String(cause);
  return (
    message
      .split('\n')
      .findLast((line) => line.trim() !== '')
      ?.trim() ?? 'unknown cause'
  );
}
