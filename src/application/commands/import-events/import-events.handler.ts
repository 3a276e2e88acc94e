import { Inject } from '@nestjs/common';
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { CLOCK, type IClock } from '../../ports/clock.port.js';
import { EVENT_ID_GENERATOR, type IEventIdGenerator } from '../../ports/event-id-generator.port.js';
import { EventTimeService } from '../../../domain/services/event-time.service.js';
import { EventParser } from '../../services/event-parser.service.js';
import { EventRecorder } from '../../services/event-recorder.service.js';
import type { RecordEventsResult } from '../record-events/record-events.command.js';
import { ImportEventsCommand } from './import-events.command.js';

@CommandHandler(ImportEventsCommand)
export class ImportEventsHandler implements ICommandHandler<ImportEventsCommand> {
  private readonly parser: EventParser;

  constructor(
    @Inject(CLOCK) private readonly clock: IClock,
    @Inject(EVENT_ID_GENERATOR) private readonly ids: IEventIdGenerator,
    private readonly recorder: EventRecorder,
  ) {
    this.parser = new EventParser(ids, new EventTimeService(null));
  }

  async execute({ events: items }: ImportEventsCommand): Promise<RecordEventsResult> {
    const identified = items.map((item) => this.identify(item));
    const { events, rejected } = this.parser.parse(identified, { receivedAt: this.clock.now() });
    const { accepted, duplicates } = await this.recorder.record(events);
    return {
      accepted,
      duplicates,
      failed: rejected.length,
      ...(rejected.length > 0 && { rejected }),
    };
  }

  private identify(item: unknown): unknown {
    if (typeof item !== 'object' || item === null || Array.isArray(item)) return item;
    if ('eventId' in item && item.eventId !== undefined && item.eventId !== null) return item;
    return { ...item, eventId: this.ids.fromContent(JSON.stringify(item)).value };
  }
}
