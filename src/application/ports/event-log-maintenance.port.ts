import type { DateKey } from '../../shared/utils/timezone.util.js';

/** Keeps the log's storage ready and small. */
export interface IEventLogMaintenance {
  /** Makes room for events of these days, both included, at most 401. Doing it twice changes nothing. */
  ensureDays(first: DateKey, last: DateKey): Promise<void>;

  /** Forgets clock corrections recorded before `before`: their events are too old to be sent again. @returns how many */
  removeCorrections(before: Date): Promise<number>;
}

export const EVENT_LOG_MAINTENANCE = Symbol('IEventLogMaintenance');
