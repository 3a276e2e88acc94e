import { subjectOf, type DomainEvent, type EventPayload } from './domain-event.js';

export interface SessionMetadata {
  readonly appVersion?: string;
  readonly os?: string;
  readonly osVersion?: string;
}

/** A user, or an install without a logged-in user, opened the app. */
export class SessionStartedEvent implements DomainEvent {
  static readonly EVENT_NAME = 'analytics.session.started';
  readonly eventType = SessionStartedEvent.EVENT_NAME;

  constructor(
    readonly userId: bigint | null,
    readonly installId: string,
    readonly occurredAt: Date,
    readonly metadata: SessionMetadata,
  ) {}

  get subject(): string {
    return subjectOf(this.userId, this.installId);
  }

  toPayload(): EventPayload {
    return {
      userId: this.userId?.toString() ?? null,
      installId: this.installId,
      occurredAt: this.occurredAt.toISOString(),
      metadata: this.metadata,
    };
  }
}
