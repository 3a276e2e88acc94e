import { DomainException } from '../../shared/exceptions/domain.exception.js';
import { fieldMessage } from '../../shared/utils/field-message.util.js';

const FORMAT = /^[a-z][a-z0-9_]*$/;
/** Bounds the names that are kept; an app has dozens, and a flood of others starts anew. */
const MAX_KNOWN_NAMES = 1024;

/** The kind of an event: 1 to 64 characters after trimming, lower-cased, `[a-z][a-z0-9_]*`. */
export class EventName {
  static readonly MAX_LENGTH = 64;

  static readonly APP_SESSION_START = new EventName('app_session_start');
  static readonly APP_SESSION_END = new EventName('app_session_end');
  static readonly PRESENCE_HEARTBEAT = new EventName('presence_heartbeat');
  static readonly USER_ACCOUNT_CREATED = new EventName('user_account_created');

  /** Names by their text as clients send it, when that is the name itself. */
  private static readonly known = new Map<string, EventName>();

  private constructor(readonly value: string) {}

  /** @throws DomainException `event_name_invalid` */
  static fromString(input: unknown): EventName {
    if (typeof input !== 'string') throw invalid(input);
    const known = EventName.known.get(input);
    if (known !== undefined) return known;
    const name = EventName.parse(input);
    if (EventName.known.size >= MAX_KNOWN_NAMES) EventName.known.clear();
    if (name.value === input) EventName.known.set(input, name);
    return name;
  }

  private static parse(input: string): EventName {
    const value = input.trim().toLowerCase();
    if (value.length > EventName.MAX_LENGTH || !FORMAT.test(value)) throw invalid(input);
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

function invalid(input: unknown): DomainException {
  const rule = `be a letter and then letters, digits and underscores, at most ${EventName.MAX_LENGTH} characters`;
  return new DomainException('event_name_invalid', {
    detail: fieldMessage('eventName', rule, input, 'send a name such as app_session_start'),
    field: 'eventName',
  });
}
