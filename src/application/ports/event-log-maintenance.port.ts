import type { DateKey } from '../../shared/utils/timezone.util.js';

/** Prepares the storage of the event log and removes what it no longer needs. */
export interface IEventLogMaintenance {
  /** Creates the partitions of these days, both included, at most 401. Idempotent. */
  ensureDays(first: DateKey, last: DateKey): Promise<void>;

  /**
   * Removes clock corrections recorded before `before`, whose events are too old to be sent again.
   *
   * @returns how many
   */
  removeCorrections(before: Date): Promise<number>;
}

export const EVENT_LOG_MAINTENANCE = Symbol('IEventLogMaintenance');
