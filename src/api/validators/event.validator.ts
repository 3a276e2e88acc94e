import { Injectable, type PipeTransform } from '@nestjs/common';
import { ApplicationException } from '../../shared/exceptions/application.exception.js';
import { describeUnixSeconds, toUnixSeconds } from '../../shared/rules/unix-seconds.rule.js';
import { batchInvalid, itemsOf } from './batch-envelope.js';

export const MAX_EVENTS = 1000;

/** The envelope of a batch; its events are unchecked, because a bad one must not fail the others. */
export interface EventBatch {
  readonly events: readonly unknown[];
  readonly sentAt?: number;
}

/** Checks the envelope by hand: class-transformer would copy and walk every event (docs/adr/0007). */
@Injectable()
export class EventBatchPipe implements PipeTransform<unknown, EventBatch> {
  /** Returns null for a body that {@link transform} refuses. */
  find(body: unknown): EventBatch | null {
    try {
      return this.transform(body);
    } catch (error) {
      if (error instanceof ApplicationException) return null;
      throw error;
    }
  }

  /** @throws ApplicationException `batch_invalid` */
  transform(body: unknown): EventBatch {
    const events = itemsOf(body, 'events', MAX_EVENTS);
    const { sentAt } = body as { readonly sentAt?: unknown };
    if (sentAt === undefined || sentAt === null) return { events };
    const seconds = toUnixSeconds(sentAt);
    if (seconds === null) throw batchInvalid(describeUnixSeconds('sentAt', sentAt), 'sentAt');
    return { events, sentAt: seconds };
  }
}
