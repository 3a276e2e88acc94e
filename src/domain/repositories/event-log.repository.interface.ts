import type { DateKey } from '../../shared/utils/timezone.util.js';
import type { EventLog } from '../entities/event-log.entity.js';
import type { ActiveCount } from '../value-objects/active-count.vo.js';

/** Says of a session start that its day is closed: its active set was dropped, and its bits do not hold its figures. */
export const DAY_CLOSED = 'day_closed';

/** True for a new event, false for one that was stored before. */
export type InsertOutcome = boolean | typeof DAY_CLOSED;

export interface IEventLogRepository {
  /**
   * Stores each new event durably; an `eventId` that is stored already, or occurs earlier in the call, is skipped.
   * Actives, outbox messages and marks of the new events are stored in the same transaction.
   *
   * @returns for each event, in order, whether it was new; a session start of a closed day is not stored
   * @throws ApplicationException `database_unavailable`: any event may be stored or not, and sending all again is safe
   * @throws ApplicationException `overloaded`: nothing was tried
   */
  batchInsert(events: readonly EventLog[]): Promise<InsertOutcome[]>;

  /** Counts a day's DAU from the events themselves, at a cost that grows with them: an independent check. */
  queryDau(day: DateKey): Promise<ActiveCount>;

  /** True when events of the day were dropped: what the log has of it came later, or is nothing. */
  wasDropped(day: DateKey): Promise<boolean>;
}

export const EVENT_LOG_REPOSITORY = Symbol('IEventLogRepository');
