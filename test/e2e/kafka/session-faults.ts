import { expect } from '@jest/globals';

import { eventSchemaErrors } from '../../support/event-schemas.js';
import type { WireEvent } from '../../support/events.js';
import type { ReceivedMessage } from '../../support/kafka/subscriber.js';
import type { Beat } from './requests.js';
import type { Stage } from './stage.js';
import { SESSION } from './topics.js';

/** Expects that the topic of a stage holds every sent session. */
export async function expectAllPublished(
  stage: Stage,
  { sent }: { readonly sent: readonly WireEvent[] },
): Promise<void> {
  expect(sessionFaults(sent, await stage.published())).toEqual([]);
}

/** Returns the heartbeats without a received message. */
export function missingBeats(beats: readonly Beat[], received: readonly ReceivedMessage[]): Beat[] {
  const arrived = new Set(
    received.map(({ value }) => (value as { payload: Partial<Beat> }).payload.installId),
  );
  return beats.filter(({ installId }) => !arrived.has(installId));
}

/**
 * Compares received sessions with sent ones: each arrives at least once, unchanged and as the contract demands.
 * Duplicates keep their id; each subject stays in one partition and, without duplicates, in order.
 *
 * @param sent sessions, those of one subject in the order they happened
 * @param received messages, in the order of each partition
 */
export function sessionFaults(
  sent: readonly WireEvent[],
  received: readonly ReceivedMessage[],
): readonly string[] {
  const faults: string[] = [];
  const byId = new Map(sent.map((session, index) => [session.eventId, { index, session }]));
  const seen = new Set<string>();
  const subjects = new Map<string, { partition: number; index: number }>();
  for (const message of received) {
    const { partition, offset, key, headers, value } = message;
    const where = `partition ${partition}, offset ${offset}`;
    faults.push(...contractFaults(message).map((fault) => `${where}: ${fault}`));
    if (key !== SESSION) continue;
    const id = headers['event-id'] ?? '';
    const known = byId.get(id);
    if (known === undefined) {
      faults.push(`${where}: ${id} was never sent`);
      continue;
    }
    const expected = JSON.stringify(asPublished(known.session));
    const actual = JSON.stringify(sorted(value));
    if (actual !== expected) faults.push(`${where}: ${actual}, not ${expected}`);
    if (seen.has(id)) continue;
    seen.add(id);
    const subject = known.session.userId ?? known.session.installId;
    const last = subjects.get(subject);
    if (last !== undefined && last.partition !== partition) {
      faults.push(`${where}: ${subject} is in partition ${last.partition} as well`);
    }
    if (last !== undefined && last.index > known.index) faults.push(`${where}: ${subject} is out of order`);
    subjects.set(subject, { partition, index: known.index });
  }
  const missing = sent.filter(({ eventId }) => !seen.has(eventId)).length;
  if (missing > 0) faults.push(`${missing} of ${sent.length} sessions are missing`);
  return summary(faults);
}

/** Returns how a message violates the contract with subscribers; empty when it does not. */
export function contractFaults({ key, headers, value }: ReceivedMessage): string[] {
  const faults = eventSchemaErrors(value);
  const { 'event-id': id, 'event-type': type, 'content-type': contentType, ...others } = headers;
  if (!/^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/.test(id ?? '')) faults.push(`event-id is ${id}`);
  if (type !== key) faults.push(`event-type is ${type}`);
  if (contentType !== 'application/json') faults.push(`content-type is ${contentType}`);
  if ((value as { eventType?: unknown }).eventType !== key) faults.push(`the key is ${key}`);
  if (Object.keys(others).length > 0) faults.push(`headers ${Object.keys(others).join(', ')}`);
  return faults;
}

function asPublished({ userId, installId, clientTs, properties }: WireEvent): unknown {
  const occurredAt = new Date(Math.round(clientTs * 1000)).toISOString();
  return sorted({
    eventType: SESSION,
    occurredAt,
    payload: { userId: userId ?? null, installId, occurredAt, metadata: properties ?? {} },
  });
}

/** Returns a copy with the fields of all objects in alphabetical order. */
function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, field]) => [name, sorted(field)]),
  );
}

function summary(faults: readonly string[]): readonly string[] {
  return faults.length <= 10 ? faults : [...faults.slice(0, 9), `… ${faults.length} in all`, faults.at(-1)!];
}
