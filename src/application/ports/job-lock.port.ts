/** Keeps the replicas from doing the same scheduled work at once. */
export interface IJobLock {
  /**
   * Runs the work unless another process is running work under this name.
   *
   * The lock is held until the work has ended; it is lost when the connection behind it breaks, so the work must be
   * idempotent all the same.
   *
   * @returns false when somebody else held the lock and nothing was done
   */
  runExclusively(name: string, work: () => Promise<void>): Promise<boolean>;
}

export const JOB_LOCK = Symbol('IJobLock');
