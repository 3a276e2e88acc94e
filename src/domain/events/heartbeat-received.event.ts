import { subjectOfUser, type DomainEvent, type EventPayload } from './domain-event.js';

/** The app of a logged-in user is in the foreground. Best effort: subscribers must accept gaps. */
export class HeartbeatReceivedEvent implements DomainEvent {
  static readonly EVENT_NAME = 'presence.heartbeat.received';
  readonly eventType = HeartbeatReceivedEvent.EVENT_NAME;

  /** @param installId null when a gateway reported the heartbeat without one */
  constructor(
    readonly userId: bigint,
    readonly installId: string | null,
    readonly occurredAt: Date,
  ) {}

  get subject(): string {
    return subjectOfUser(this.userId);
  }

  toPayload(): EventPayload {
    return {
      userId: this.userId.toString(),
      // Subscribers were promised a text of 8 to 128 characters in every heartbeat.
      installId: this.installId ?? `account:${this.userId}`,
      occurredAt: this.occurredAt.toISOString(),
    };
  }
}
