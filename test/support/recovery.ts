/**
 * Bounds a wait for the service to be back after a fault. It promises ten seconds, which `npm run chaos` and the suite
 * about failover measure; a machine that is busy with other suites gets three times as long.
 */
export const RECOVERY_MS = 30_000;

const PROMISED_MS = 10_000;
const TICK_MS = 50;

/**
 * Measures a recovery against the ten seconds that are promised. Adds what the same machine takes from everybody
 * meanwhile: the first write of a plain client, and the time by which the timers of this process are late.
 */
export class RecoveryWatch {
  private readonly startMs = performance.now();
  private lateMs = 0;
  private tickMs = this.startMs;
  private readonly timer = setInterval(() => {
    const nowMs = performance.now();
    this.lateMs += Math.max(0, nowMs - this.tickMs - TICK_MS);
    this.tickMs = nowMs;
  }, TICK_MS);
  private readonly plainMs: Promise<number>;

  /** @param writePlainly resolves when a client without the code under test has written */
  constructor(writePlainly: () => Promise<unknown>) {
    this.plainMs = writePlainly().then(() => performance.now() - this.startMs);
    this.plainMs.catch(() => undefined);
  }

  /** @returns by how many milliseconds the recovery that ends at this moment breaks the promise; 0 when it keeps it */
  async end(): Promise<number> {
    const recoveredMs = performance.now() - this.startMs;
    clearInterval(this.timer);
    return Math.max(0, recoveredMs - (await this.plainMs) - this.lateMs - PROMISED_MS);
  }
}
