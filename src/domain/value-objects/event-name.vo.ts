import { DomainException } from '../../shared/exceptions/domain.exception.js';

const FORMAT = /^[a-z][a-z0-9_]*$/;

/** The kind of an event: 1 to 64 characters after trimming, lower-cased, `[a-z][a-z0-9_]*`. */
export class EventName {
  static readonly MAX_LENGTH = 64;

  static readonly APP_SESSION_START = new EventName('app_session_start');
  static readonly APP_SESSION_END = new EventName('app_session_end');
  static readonly PRESENCE_HEARTBEAT = new EventName('presence_heartbeat');
  static readonly USER_ACCOUNT_CREATED = new EventName('user_account_created');

  private constructor(readonly value: string) {}

  /** @throws DomainException `event_name_invalid` */
  static fromString(input: unknown): EventName {
    if (typeof input !== 'string') throw invalid('eventName is required and must be a string');
    const value = input.trim().toLowerCase();
    if (value === '') throw invalid('eventName must not be blank');
    if (value.length > EventName.MAX_LENGTH) {
      throw invalid(`eventName must have at most ${EventName.MAX_LENGTH} characters, it has ${value.length}`);
    }
    if (!FORMAT.test(value)) {
      throw invalid('eventName must start with a letter and hold only letters, digits and underscores');
    }
    return new EventName(value);
  }

  /** True when the event makes its identity active on its day. */
  isDauEvent(): boolean {
    return this.value === EventName.APP_SESSION_START.value;
  }

  equals(other: EventName): boolean {
    return this.value === other.value;
  }

  toString(): string {
    return this.value;
  }
}

function invalid(message: string): DomainException {
  return new DomainException('event_name_invalid', { detail: message, field: 'eventName' });
}
