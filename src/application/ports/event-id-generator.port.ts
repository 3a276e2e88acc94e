import type { EventId } from '../../domain/value-objects/event-id.vo.js';

/** Makes ids for events whose client sent none. */
export interface IEventIdGenerator {
  /** Unique; sorts by time, so that inserts stay local. */
  next(now: Date): EventId;

  /** The same for the same content, and for no other. */
  fromContent(content: string): EventId;
}

export const EVENT_ID_GENERATOR = Symbol('IEventIdGenerator');
