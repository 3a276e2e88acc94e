import { Command } from '@nestjs/cqrs';
import type { RecordEventsResult } from '../record-events/record-events.command.js';

/**
 * Events of the past, of any age. An event without an `eventId` gets one derived from its content, so that importing
 * the same line again changes nothing.
 */
export class ImportEventsCommand extends Command<RecordEventsResult> {
  constructor(readonly events: readonly unknown[]) {
    super();
  }
}
