import type { DateKey } from '../../shared/utils/timezone.util.js';

/** Payload for subscribers: JSON with 64-bit ids as decimal strings and instants as ISO 8601 in UTC. */
export type EventPayload = Readonly<Record<string, unknown>>;

/** Something that happened and that other services may subscribe to. Its wire name never changes. */
export interface DomainEvent {
  /** Stable wire name, such as `analytics.session.started`. */
  readonly eventType: string;
  /** Key of the order of events: `u:<userId>`, `i:<installId>` or the day. */
  readonly subject: string;
  readonly occurredAt: Date;
  toPayload(): EventPayload;
}

/** Returns the subject of a user's event, or of an install without a user. */
export function subjectOf(userId: bigint | null, installId: string): string {
  return userId === null ? `i:${installId}` : subjectOfUser(userId);
}

export function subjectOfUser(userId: bigint): string {
  return `u:${userId.toString()}`;
}

/** Returns the subject of an event about a whole day. */
export function subjectOfDay(day: DateKey): string {
  return `d:${day}`;
}
