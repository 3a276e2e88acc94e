import { v5, v7 } from 'uuid';
import type { IEventIdGenerator } from '../../domain/repositories/event-id-generator.interface.js';
import { EventId } from '../../domain/value-objects/event-id.vo.js';

/** Ours alone; it keeps ids made from content apart from everybody else's. */
const CONTENT_NAMESPACE = '5f0c1d1e-8c5b-4f57-9d3a-2b1f6c7e9a40';

export class UuidEventIdGenerator implements IEventIdGenerator {
  next(now: Date): EventId {
    return EventId.fromString(v7({ msecs: now.getTime() }));
  }

  fromContent(content: string): EventId {
    return EventId.fromString(v5(content, CONTENT_NAMESPACE));
  }
}
