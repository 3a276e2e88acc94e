import type { DateKey } from '../../shared/utils/timezone.util.js';
import type { EventLog } from '../entities/event-log.entity.js';
import type { ActiveCount } from '../value-objects/active-count.vo.js';

export interface IEventLogRepository {
  /**
   * Stores events durably, each at most once: an `eventId` that is in the log already, or earlier in the same call,
   * is left alone. With the events *really inserted*, and in one piece with them: the day's actives, the outbox
   * messages of sessions, and a mark on every past day that gained actives.
   *
   * @returns for each event, in order, whether it was new
   * @throws ApplicationException `database_unavailable` (then none of the call may be taken as stored, and all of it
   *   may be sent again) or `overloaded` (nothing was tried)
   */
  batchInsert(logs: readonly EventLog[]): Promise<boolean[]>;

  /** DAU of a day counted from the log itself, which costs by its events: the independent check on the active set. */
  queryDau(day: DateKey): Promise<ActiveCount>;
}

export const EVENT_LOG_REPOSITORY = Symbol('IEventLogRepository');
