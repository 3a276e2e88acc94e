import type { DateKey } from '../../shared/utils/timezone.util.js';

/** What a subscriber receives as `payload`: JSON, 64-bit ids as decimal strings, instants as ISO 8601 in UTC. */
export type EventPayload = Readonly<Record<string, unknown>>;

/** Something that happened and that other services may subscribe to. Its wire name never changes. */
export interface DomainEvent {
  /** Stable wire name, such as `analytics.session.started`. */
  readonly eventType: string;
  /** Whose order is kept: `u:<userId>`, `i:<installId>` or the day. */
  readonly subject: string;
  readonly occurredAt: Date;
  toPayload(): EventPayload;
}

/** Subject of an event of a user, or of an install that has none. */
export function subjectOf(userId: bigint | null, installId: string): string {
  return userId === null ? `i:${installId}` : `u:${userId.toString()}`;
}

/** Subject of an event of a whole day. */
export function subjectOfDay(day: DateKey): string {
  return `d:${day}`;
}
