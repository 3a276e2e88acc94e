import type { EventLog } from '../../../../src/domain/entities/event-log.entity.js';
import {
  DAY_CLOSED,
  type IEventLogRepository,
  type InsertOutcome,
} from '../../../../src/domain/repositories/event-log.repository.interface.js';
import type { ActiveCount } from '../../../../src/domain/value-objects/active-count.vo.js';
import type { DateKey } from '../../../../src/shared/utils/timezone.util.js';
import { InMemoryDailyActives } from '../daily-actives-repository/fake.js';

/** Keeps events, and writes the actives of their days with them as the adapter does. */
export class InMemoryEventLog implements IEventLogRepository {
  /** Fails every call while it is set. */
  failure: Error | null = null;
  readonly logs: EventLog[] = [];
  /** Days whose events retention has dropped. */
  readonly dropped = new Set<DateKey>();

  constructor(readonly actives = new InMemoryDailyActives()) {}

  async batchInsert(logs: readonly EventLog[]): Promise<InsertOutcome[]> {
    if (this.failure !== null) throw this.failure;
    return logs.map((log) => this.insert(log));
  }

  async queryDau(day: DateKey): Promise<ActiveCount> {
    if (this.failure !== null) throw this.failure;
    const counted = new InMemoryDailyActives();
    for (const log of this.logs) addSession(counted, log);
    return counted.countNow(day);
  }

  async wasDropped(day: DateKey): Promise<boolean> {
    return this.dropped.has(day);
  }

  private insert(log: EventLog): InsertOutcome {
    if (log.eventName.isDauEvent() && this.actives.dropped.has(log.day)) return DAY_CLOSED;
    if (this.logs.some(({ eventId }) => eventId.value === log.eventId.value)) return false;
    this.logs.push(log);
    addSession(this.actives, log);
    return true;
  }
}

function addSession(actives: InMemoryDailyActives, log: EventLog): void {
  if (!log.eventName.isDauEvent()) return;
  const { province, city } = log.properties;
  actives.add(log.day, log.dauIdentifier, {
    ...(province !== undefined && { province }),
    ...(city !== undefined && { city }),
  });
}
