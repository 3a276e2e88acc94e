import type { EventId } from '../../domain/value-objects/event-id.vo.js';

/** Makes ids for events that have none. */
export interface IEventIdGenerator {
  /** Returns a unique id that sorts by time, which keeps inserts local. */
  next(now: Date): EventId;

  /** Returns the same id for the same content, and for no other. */
  fromContent(content: string): EventId;
}

export const EVENT_ID_GENERATOR = Symbol('IEventIdGenerator');
