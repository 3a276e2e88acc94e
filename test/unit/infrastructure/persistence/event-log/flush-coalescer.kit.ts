import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  FlushCoalescer,
  type FlushCoalescerOptions,
} from '../../../../../src/infrastructure/persistence/event-log/flush-coalescer.js';
import { deferred, type Deferred } from '../../../../support/deferred.js';
import { ManualTimers } from '../../../../support/manual-timers.js';

export class DataError extends Error {}

/** Returns the outcome that both databases below give for an event. */
const outcomeOf = (event: number): string => `event ${event}`;

/** Keeps each flush in flight until the test ends it. */
export class ControlledDatabase {
  private readonly flushes: { readonly events: readonly number[]; readonly done: Deferred<string[]> }[] = [];

  readonly flush = (events: readonly number[]): Promise<string[]> => {
    const done = deferred<string[]>();
    this.flushes.push({ events, done });
    return done.promise;
  };

  succeed(index: number): void {
    const flush = this.flushes[index];
    flush?.done.resolve(flush.events.map(outcomeOf));
  }

  fail(index: number, error: Error): void {
    this.flushes[index]?.done.reject(error);
  }

  /** Events of each flush, in the order the flushes started. */
  get flushed(): (readonly number[])[] {
    return this.flushes.map(({ events }) => events);
  }
}

/** Answers at once, and rejects a flush that contains a bad event. */
export class PickyDatabase {
  readonly attempts: (readonly number[])[] = [];

  constructor(private readonly badEvents: readonly number[]) {}

  readonly flush = async (events: readonly number[]): Promise<string[]> => {
    this.attempts.push(events);
    if (events.some((event) => this.badEvents.includes(event))) throw new DataError('invalid byte sequence');
    return events.map(outcomeOf);
  };
}

export function createCoalescer(
  database: { readonly flush: (events: readonly number[]) => Promise<string[]> },
  options: Partial<FlushCoalescerOptions<number>> = {},
  timers = new ManualTimers(),
): FlushCoalescer<number, string> {
  return new FlushCoalescer(
    database.flush,
    {
      targetWeight: 100,
      concurrency: 1,
      minWeightBeside: 1,
      maxWeight: 1000,
      weigh: () => 1,
      isDataError: (error) => error instanceof DataError,
      isUnavailable: (error) => !(error instanceof DataError),
      ...options,
    },
    timers.start,
  );
}

/** Lets the coalescer schedule and start everything it may start now. */
export async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await nextTurn();
}
