import { subjectOf, type DomainEvent, type EventPayload } from './domain-event.js';

/** The app of a logged-in user is in the foreground. Best effort: subscribers must accept gaps. */
export class HeartbeatReceivedEvent implements DomainEvent {
  static readonly EVENT_NAME = 'presence.heartbeat.received';
  readonly eventType = HeartbeatReceivedEvent.EVENT_NAME;

  constructor(
    readonly userId: bigint,
    readonly installId: string,
    readonly occurredAt: Date,
  ) {}

  get subject(): string {
    return subjectOf(this.userId, this.installId);
  }

  toPayload(): EventPayload {
    return {
      userId: this.userId.toString(),
      installId: this.installId,
      occurredAt: this.occurredAt.toISOString(),
    };
  }
}
