import { Inject } from '@nestjs/common';
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { BACKOFF, type IBackoff } from '../../ports/backoff.port.js';
import { CLOCK, type IClock } from '../../ports/clock.port.js';
import { EVENT_ID_GENERATOR, type IEventIdGenerator } from '../../ports/event-id-generator.port.js';
import { isJsonObject, writeJson } from '../../../shared/utils/exact-json.js';
import { EventTimeService } from '../../../domain/services/event-time.service.js';
import type { PlaceNaming } from '../../../domain/value-objects/place-names.vo.js';
import { EventParser, PLACE_NAMING } from '../../services/event-parser.service.js';
import { withClosedDays } from '../../services/closed-days.js';
import { EventRecorder } from '../../services/event-recorder.service.js';
import type { RecordEventsResult } from '../record-events/record-events.command.js';
import { EventImport } from './event-import.js';
import { ImportEventsCommand, type ImportTotals } from './import-events.command.js';
import { retryWhileUnavailable } from './retry-while-unavailable.js';

@CommandHandler(ImportEventsCommand)
export class ImportEventsHandler implements ICommandHandler<ImportEventsCommand> {
  private readonly parser: EventParser;

  constructor(
    @Inject(CLOCK) private readonly clock: IClock,
    @Inject(EVENT_ID_GENERATOR) private readonly ids: IEventIdGenerator,
    @Inject(BACKOFF) private readonly backoff: IBackoff,
    private readonly recorder: EventRecorder,
    @Inject(PLACE_NAMING) placeNaming: PlaceNaming,
  ) {
    this.parser = new EventParser(ids, new EventTimeService(null), placeNaming);
  }

  execute({ lines, options }: ImportEventsCommand): Promise<ImportTotals> {
    const store = (events: readonly unknown[]): Promise<RecordEventsResult> =>
      retryWhileUnavailable(this.backoff, () => this.recordBatch(events));
    return new EventImport(store, options).run(lines);
  }

  private async recordBatch(batch: readonly unknown[]): Promise<RecordEventsResult> {
    const identified = batch.map((event) => this.identify(event));
    const parsed = this.parser.parse(identified, { receivedAt: this.clock.now() });
    const { accepted, duplicates, closed } = await this.recorder.record(parsed.events);
    const rejected = withClosedDays(identified, parsed, closed);
    return { accepted, duplicates, failed: rejected.length, rejected };
  }

  /** Adds an id from the content to an event without one; leaves values that are no event to the parser. */
  private identify(event: unknown): unknown {
    if (!isJsonObject(event)) return event;
    if (event['eventId'] !== undefined && event['eventId'] !== null) return event;
    return { ...event, eventId: this.ids.fromContent(writeJson(event)).value };
  }
}
