import type { EventId } from '../../domain/value-objects/event-id.vo.js';

/** Makes ids for events whose client sent none. */
export interface IEventIdGenerator {
  /** Returns a unique id that sorts by time, so that inserts stay local. */
  next(now: Date): EventId;

  /** Returns an id that depends on the content alone. */
  fromContent(content: string): EventId;
}

export const EVENT_ID_GENERATOR = Symbol('IEventIdGenerator');
