import { Inject, Injectable } from '@nestjs/common';
import type { EventLog } from '../../domain/entities/event-log.entity.js';
import {
  EVENT_LOG_REPOSITORY,
  type IEventLogRepository,
} from '../../domain/repositories/event-log.repository.interface.js';
import { eventsTotal } from '../../shared/metrics/metrics.js';
import { RealtimeDauService } from './realtime-dau.service.js';

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
  async record(events: readonly EventLog[]): Promise<{ accepted: number; duplicates: number }> {
    if (events.length === 0) return { accepted: 0, duplicates: 0 };
    const isNew = await this.eventLog.batchInsert(events);
    this.realtimeDau.follow(events);
    const accepted = isNew.filter(Boolean).length;
    const duplicates = events.length - accepted;
    eventsTotal.inc({ result: 'accepted' }, accepted);
    eventsTotal.inc({ result: 'duplicate' }, duplicates);
    return { accepted, duplicates };
  }
}
