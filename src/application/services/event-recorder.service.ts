import { Inject, Injectable } from '@nestjs/common';
import type { EventLog } from '../../domain/entities/event-log.entity.js';
import {
  DAY_CLOSED,
  EVENT_LOG_REPOSITORY,
  type IEventLogRepository,
} from '../../domain/repositories/event-log.repository.interface.js';
import { eventsTotal } from '../../shared/metrics/metrics.js';
import { RealtimeDauService } from './realtime-dau.service.js';

export interface RecordedEvents {
  readonly accepted: number;
  readonly duplicates: number;
  /** Positions of session starts that were not stored because their days are closed; absent for none. */
  readonly closed?: readonly number[];
}

/** Stores parsed events and adds them to the live DAU. */
@Injectable()
export class EventRecorder {
  constructor(
    @Inject(EVENT_LOG_REPOSITORY) private readonly eventLog: IEventLogRepository,
    private readonly realtimeDau: RealtimeDauService,
  ) {}

  /**
   * Resolves once the events are durable. The live DAU follows at best effort and is rebuilt when it misses
   * any.
   */
  async record(events: readonly EventLog[]): Promise<RecordedEvents> {
    if (events.length === 0) return { accepted: 0, duplicates: 0 };
    const outcomes = await this.eventLog.batchInsert(events);
    this.realtimeDau.follow(events);
    const accepted = outcomes.filter((outcome) => outcome === true).length;
    const closed = outcomes.flatMap((outcome, position) => (outcome === DAY_CLOSED ? [position] : []));
    const duplicates = events.length - accepted - closed.length;
    eventsTotal.inc({ result: 'accepted' }, accepted);
    eventsTotal.inc({ result: 'duplicate' }, duplicates);
    return { accepted, duplicates, ...(closed.length > 0 && { closed }) };
  }
}
