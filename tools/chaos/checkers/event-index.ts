import type { Operation, SentEvent } from '../history/history.js';

/** One attempt to deliver an event. */
export interface Attempt {
  readonly operation: Operation;
  readonly event: SentEvent;
  readonly outcome: 'acknowledged' | 'rejected' | 'unknown';
}

/** Collects the attempts at each event with an id, in the order of the operations. */
export function indexEvents(operations: readonly Operation[]): Map<string, Attempt[]> {
  const index = new Map<string, Attempt[]>();
  for (const operation of operations) {
    const rejected = rejectedIn(operation);
    for (const [position, event] of (operation.events ?? []).entries()) {
      const eventId = event['eventId'];
      if (typeof eventId !== 'string') continue;
      const outcome = isSuccess(operation)
        ? rejected.has(position)
          ? 'rejected'
          : 'acknowledged'
        : 'unknown';
      const attempts = index.get(eventId);
      if (attempts === undefined) index.set(eventId, [{ operation, event, outcome }]);
      else attempts.push({ operation, event, outcome });
    }
  }
  return index;
}

export function isSuccess({ status }: Operation): boolean {
  return status !== undefined && status >= 200 && status <= 299;
}

export function endOf({ atMs, tookMs }: Operation): number {
  return atMs + tookMs;
}

function rejectedIn({ answer }: Operation): ReadonlySet<unknown> {
  const { rejected } = (answer ?? {}) as { readonly rejected?: readonly { readonly index: number }[] };
  return new Set(rejected?.map(({ index }) => index));
}
