import type { IJobLock } from '../../../../src/application/ports/job-lock.port.js';

/** A lock within one process; {@link heldElsewhere} names the locks that another replica holds. */
export class InMemoryJobLock implements IJobLock {
  readonly heldElsewhere = new Set<string>();
  private readonly held = new Set<string>();

  async runExclusively(name: string, work: () => Promise<void>): Promise<boolean> {
    if (this.heldElsewhere.has(name) || this.held.has(name)) return false;
    this.held.add(name);
    try {
      await work();
    } finally {
      this.held.delete(name);
    }
    return true;
  }
}
