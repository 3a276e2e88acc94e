import { utf8Length } from './utf8-length.js';

const EVENT_NAME = /^[A-Za-z][A-Za-z0-9_]{0,63}$/;
const MAX_PROPERTIES_BYTES = 32 * 1024;

export type EventProperties = Readonly<Record<string, unknown>>;

export interface NewEvent {
  readonly eventId: string;
  readonly eventName: string;
  readonly installId: string;
  readonly userId: string | null;
  readonly wallMs: number;
  readonly properties: EventProperties | undefined;
}

/** Names what the queue must know of a stored event. */
export interface EventFacts {
  readonly eventId: string;
  readonly eventName: string;
  readonly userId: string | null;
}

/**
 * Returns the JSON of an event, which is stored and sent as it is.
 * @throws RangeError when the service would reject the event: the caller has a mistake
 */
export function writeEvent(event: NewEvent): string {
  const { eventId, eventName, installId, userId, wallMs, properties } = event;
  if (!EVENT_NAME.test(eventName)) {
    throw new RangeError(
      `eventName must be letters, digits and underscores after a letter, at most 64, it is "${eventName}"`,
    );
  }
  const text = JSON.stringify({
    eventId,
    eventName,
    installId,
    ...(userId !== null && { userId }),
    clientTs: toSeconds(wallMs),
    ...(properties !== undefined && { properties }),
  });
  const bytes = properties === undefined ? 0 : utf8Length(JSON.stringify(properties));
  if (bytes > MAX_PROPERTIES_BYTES) {
    throw new RangeError(`properties of ${eventName} must have at most 32 KiB, they have ${bytes} bytes`);
  }
  return text;
}

/** @returns null for a text that is no event, such as one of another version */
export function readFacts(text: string): EventFacts | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  const { eventId, eventName, userId = null } = Object(value) as Record<string, unknown>;
  if (typeof eventId !== 'string' || typeof eventName !== 'string') return null;
  return typeof userId === 'string' || userId === null ? { eventId, eventName, userId } : null;
}

/** Returns the text with its time moved. */
export function moveTime(text: string, milliseconds: number): string {
  const event = JSON.parse(text) as { clientTs: number };
  return JSON.stringify({ ...event, clientTs: toSeconds(event.clientTs * 1000 + milliseconds) });
}

/** Returns Unix seconds with three decimals. */
export function toSeconds(milliseconds: number): number {
  return Math.round(milliseconds) / 1000;
}
