import { subjectOf, type DomainEvent, type EventPayload } from './domain-event.js';

/** A logged-in user's app is in the foreground. Best effort: subscribers must live with gaps. */
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
