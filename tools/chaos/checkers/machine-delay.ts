import type { History, MachineSample } from '../history/history.js';

/** Tells how much later the machine itself made things, so that a busy machine does not accuse the service. */
export class MachineDelay {
  constructor(private readonly samples: History['machine']) {}

  /**
   * Returns the delay between two times, in milliseconds: the waits of the replica for a CPU, the delays of the tool,
   * and one slow write to the disk.
   */
  between(replica: number, fromMs: number, toMs: number): number {
    let [delayMs, syncMs, coveredMs] = [0, 0, -Infinity];
    for (const sample of this.samples) {
      // A sample tells of the time since the one before.
      if (sample.atMs > fromMs && coveredMs < toMs) {
        delayMs += (sample.waitedMs?.[replica] ?? 0) + sample.longestDelayMs;
        syncMs = Math.max(syncMs, sample.syncMs ?? 0);
      }
      coveredMs = sample.atMs;
    }
    return Math.min(delayMs + syncMs, Math.max(0, toMs - fromMs));
  }

  /** Returns the longest delay of any replica. */
  longestBetween(fromMs: number, toMs: number): number {
    const replicas = Math.max(1, ...this.samples.map(({ waitedMs }: MachineSample) => waitedMs?.length ?? 1));
    return Math.max(...Array.from({ length: replicas }, (_, replica) => this.between(replica, fromMs, toMs)));
  }
}
