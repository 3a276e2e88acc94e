/** Keeps replicas from running the same job at once. */
export interface IJobLock {
  /**
   * Runs the work under a lock that is held until it ends. A broken connection loses the lock, so the work
   * must be idempotent.
   *
   * @returns false when another process holds the lock; then nothing was done
   */
  runExclusively(name: string, work: () => Promise<void>): Promise<boolean>;
}

export const JOB_LOCK = Symbol('IJobLock');
