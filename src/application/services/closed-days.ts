import type { EventLog } from '../../domain/entities/event-log.entity.js';
import { DomainException } from '../../shared/exceptions/domain.exception.js';
import type { RejectedEvent } from '../commands/record-events/record-events.command.js';
import { rejection, type ParsedEvents } from './event-parser.service.js';

/**
 * Returns all rejections of a batch, in order: those of the parser, and those of events whose days are closed.
 *
 * @param inputs the batch that was parsed
 * @param closed positions among the parsed events
 */
export function withClosedDays(
  inputs: readonly unknown[],
  { events, rejected }: ParsedEvents,
  closed: readonly number[] = [],
): readonly RejectedEvent[] {
  if (closed.length === 0) return rejected;
  const isRejected = new Set(rejected.map(({ index }) => index));
  const parsed = inputs.flatMap((_, index) => (isRejected.has(index) ? [] : [index]));
  const refused = closed.map((position) => {
    const index = parsed[position] ?? 0;
    return rejection(inputs[index], index, dayClosed(events[position]));
  });
  return [...rejected, ...refused].sort((a, b) => a.index - b.index);
}

function dayClosed(event: EventLog | undefined): DomainException {
  return new DomainException('day_closed', {
    detail:
      `clientTs must be of a day whose active users are still known, it is of ${event?.day ?? 'another'}: ` +
      'drop the event, the stored figures of that day stay as they are',
    field: 'clientTs',
  });
}
