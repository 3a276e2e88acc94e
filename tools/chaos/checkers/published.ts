import { SESSION_START } from '../../simulation/planning/device-plan.js';
import { identityOf } from '../../simulation/planning/identity.js';
import type { Check } from '../../simulation/verification/check.js';
import type { History, PublishedRecord, StoredEvent } from '../history/history.js';
import { endOf, indexEvents } from './event-index.js';
import { checkOf } from './findings.js';
import { groupBy } from './group-by.js';

interface Sighting {
  readonly eventId: string;
  readonly offset: number;
  readonly firstSentMs: number;
  readonly acknowledgedMs: number;
}

/** Every stored session is on Kafka at least once and in order of its subject; none that is not stored. */
export function checkPublished(history: History): Check[] {
  const { final } = history;
  const sessions = final.stored.filter(({ eventName }) => eventName === SESSION_START);
  const first = firstOccurrences(final.published);
  const missing = unpublishedSessions(history);
  const storedIds = new Set(sessions.map(({ eventId }) => eventId));
  const phantoms = [...first.keys()].filter((eventId) => !storedIds.has(eventId));
  const sizes = `${String(sessions.length)} stored sessions, ${String(final.published.length)} records`;
  const left = final.outboxLeft === 0 ? [] : [`${String(final.outboxLeft)} messages are left in the outbox`];
  return [
    checkOf('every stored session is published', [...missing, ...left], sizes),
    checkOf('no session is published that is not stored', phantoms, sizes),
    checkOf(
      'published sessions have the fields of their rows',
      fieldFindings(sessions, final.published),
      sizes,
    ),
    checkOf('sessions of a subject are published in order', orderFindings(history, sessions, first), sizes),
  ];
}

/** Returns the ids of stored sessions that are not on Kafka. */
export function unpublishedSessions({ final }: History): string[] {
  const published = new Set(final.published.map(({ eventId }) => eventId));
  return final.stored
    .filter(({ eventName, eventId }) => eventName === SESSION_START && !published.has(eventId))
    .map(({ eventId }) => eventId);
}

function fieldFindings(sessions: readonly StoredEvent[], published: readonly PublishedRecord[]): string[] {
  const rows = new Map(sessions.map((row) => [row.eventId, row]));
  return published.flatMap(({ eventId, session }) => {
    const row = rows.get(eventId);
    if (row === undefined || session === undefined) return [];
    const isEqual =
      session.userId === row.userId &&
      session.installId === row.installId &&
      Date.parse(session.occurredAt) === Math.floor(row.eventMs);
    return isEqual ? [] : [`${eventId}: ${JSON.stringify(session)}`];
  });
}

function firstOccurrences(published: readonly PublishedRecord[]): Map<string, PublishedRecord> {
  const first = new Map<string, PublishedRecord>();
  for (const record of published) {
    const known = first.get(record.eventId);
    const isEarlier = known?.partition === record.partition && record.offset < known.offset;
    if (known === undefined || isEarlier) first.set(record.eventId, record);
  }
  return first;
}

function orderFindings(
  { operations }: History,
  sessions: readonly StoredEvent[],
  first: ReadonlyMap<string, PublishedRecord>,
): string[] {
  const index = indexEvents(operations);
  const findings: string[] = [];
  const subjects = groupBy(sessions, ({ userId, installId }) => identityOf(userId ?? undefined, installId));
  for (const [subject, events] of subjects) {
    const records = events.flatMap(({ eventId }) => first.get(eventId) ?? []);
    const partitions = new Set(records.map(({ partition }) => partition));
    if (partitions.size > 1) findings.push(`${subject} is in ${String(partitions.size)} partitions`);
    const sightings = records.map(({ eventId, offset }): Sighting => {
      const attempts = index.get(eventId) ?? [];
      const acknowledged = attempts.find(({ outcome }) => outcome === 'acknowledged');
      return {
        eventId,
        offset,
        firstSentMs: attempts[0]?.operation.atMs ?? Infinity,
        acknowledgedMs: acknowledged === undefined ? Infinity : endOf(acknowledged.operation),
      };
    });
    findings.push(...wrongOrder(subject, sightings));
  }
  return findings;
}

/** An event that was acknowledged before another one was first sent was stored before it. */
function wrongOrder(subject: string, sightings: readonly Sighting[]): string[] {
  return sightings.flatMap((later) => {
    const earlier = sightings.find(
      (each) => each.acknowledgedMs < later.firstSentMs && each.offset > later.offset,
    );
    return earlier === undefined ? [] : [`${subject}: ${later.eventId} comes before ${earlier.eventId}`];
  });
}
