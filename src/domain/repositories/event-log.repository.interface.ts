import type { DateKey } from '../../shared/utils/timezone.util.js';
import type { EventLog } from '../entities/event-log.entity.js';
import type { ActiveCount } from '../value-objects/active-count.vo.js';

export interface IEventLogRepository {
  /**
   * Stores each new event durably; an `eventId` that is stored already, or occurs earlier in the call, is skipped.
   * Actives, outbox messages and marks of the new events are stored in the same transaction.
   *
   * @returns for each event, in order, whether it was new
   * @throws ApplicationException `database_unavailable`: any event may be stored or not, and sending all again is safe
   * @throws ApplicationException `overloaded`: nothing was tried
   */
  batchInsert(events: readonly EventLog[]): Promise<boolean[]>;

  /** Counts a day's DAU from the events themselves, at a cost that grows with them: an independent check. */
  queryDau(day: DateKey): Promise<ActiveCount>;
}

export const EVENT_LOG_REPOSITORY = Symbol('IEventLogRepository');
