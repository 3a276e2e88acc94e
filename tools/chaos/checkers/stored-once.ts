import type { Check } from '../../simulation/verification/check.js';
import type { History, StoredEvent } from '../history/history.js';
import { ACCOUNT_CREATED, announcedAccounts } from './accounts.js';
import { indexEvents } from './event-index.js';
import { checkOf, seconds } from './findings.js';

export interface StoredComparison {
  readonly acknowledged: number;
  readonly missing: readonly string[];
  readonly doubled: readonly string[];
  readonly rejected: readonly string[];
  readonly unknown: readonly string[];
}

/** Every acknowledged event is stored exactly once; nothing is stored that was rejected or never sent. */
export function checkStoredOnce(history: History): Check[] {
  const { acknowledged, missing, doubled, rejected, unknown } = compareStored(history);
  const sizes = `${String(acknowledged)} acknowledged events, ${String(history.final.stored.length)} rows`;
  return [
    checkOf('every acknowledged event is stored', missing, sizes),
    checkOf('no event is stored twice', doubled, sizes),
    checkOf('nothing rejected is stored', rejected, sizes),
    checkOf('nothing is stored that was not sent', unknown, sizes),
  ];
}

/** Compares the stored rows with what clients and the Identity service sent, and how it was answered. */
export function compareStored({ operations, accounts, final }: History): StoredComparison {
  const index = indexEvents(operations);
  const rows = countRows(final.stored);
  const missing: string[] = [];
  const doubled: string[] = [];
  const rejected: string[] = [];
  let acknowledged = 0;
  for (const [eventId, attempts] of index) {
    const last = attempts.at(-1)?.operation;
    const where = `${eventId} (last sent at ${seconds(last?.atMs ?? 0)} to replica ${String(last?.replica)})`;
    const count = rows.get(eventId.toLowerCase()) ?? 0;
    const isAcknowledged = attempts.some(({ outcome }) => outcome === 'acknowledged');
    if (isAcknowledged) acknowledged += 1;
    if (isAcknowledged && count === 0) missing.push(where);
    if (count > 1) doubled.push(`${where}: ${String(count)} rows`);
    if (!isAcknowledged && count > 0 && attempts.some(({ outcome }) => outcome === 'rejected'))
      rejected.push(where);
  }
  const announced = announcedAccounts(accounts);
  const unknown = final.stored
    .filter(({ eventId, eventName, userId }) =>
      eventName === ACCOUNT_CREATED ? !announced.has(userId) : !index.has(eventId),
    )
    .map(({ eventId, eventName }) => `${eventName} ${eventId}`);
  return { acknowledged, missing, doubled, rejected, unknown };
}

function countRows(stored: readonly StoredEvent[]): Map<string, number> {
  const rows = new Map<string, number>();
  for (const { eventId } of stored) rows.set(eventId, (rows.get(eventId) ?? 0) + 1);
  return rows;
}
