import { Injectable, type PipeTransform } from '@nestjs/common';
import { ApplicationException } from '../../shared/exceptions/application.exception.js';
import { describeUnixSeconds, toUnixSeconds } from '../../shared/rules/unix-seconds.rule.js';
import { isJsonObject } from '../../shared/utils/exact-json.js';
import { fieldMessage } from '../../shared/utils/field-message.util.js';

export const MAX_EVENTS = 1000;

/** The envelope of a batch; its events are unchecked, because a bad one must not fail the others. */
export interface EventBatch {
  readonly events: readonly unknown[];
  readonly sentAt?: number;
}

/** Checks the envelope by hand: class-transformer would copy and walk every event (docs/adr/0007). */
@Injectable()
export class EventBatchPipe implements PipeTransform<unknown, EventBatch> {
  /** @throws ApplicationException `batch_invalid` */
  transform(body: unknown): EventBatch {
    if (!isJsonObject(body)) {
      throw invalid(fieldMessage('The body', 'be a JSON object', body, 'send {"events": [...]}'), 'events');
    }
    const { events, sentAt } = body;
    if (!Array.isArray(events) || events.length < 1 || events.length > MAX_EVENTS) {
      const isTooLong = Array.isArray(events) && events.length > MAX_EVENTS;
      const nextStep = isTooLong ? 'split the batch' : 'send the events in an array';
      throw invalid(
        fieldMessage('events', `be an array of 1 to ${MAX_EVENTS} events`, events, nextStep),
        'events',
      );
    }
    if (sentAt === undefined || sentAt === null) return { events };
    const seconds = toUnixSeconds(sentAt);
    if (seconds === null) throw invalid(describeUnixSeconds('sentAt', sentAt), 'sentAt');
    return { events, sentAt: seconds };
  }
}

function invalid(message: string, field: string): ApplicationException {
  return new ApplicationException('batch_invalid', { detail: message, field });
}
