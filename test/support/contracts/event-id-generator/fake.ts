import type { IEventIdGenerator } from '../../../../src/application/ports/event-id-generator.port.js';
import { EventId } from '../../../../src/domain/value-objects/event-id.vo.js';
import { uuid } from '../../builders.js';

/** Generates ids in sequence, so that a test knows the next one. */
export class SequentialEventIds implements IEventIdGenerator {
  private made = 0;
  private readonly contents = new Map<string, EventId>();

  next(): EventId {
    return EventId.fromString(uuid(++this.made));
  }

  fromContent(content: string): EventId {
    const known = this.contents.get(content);
    if (known !== undefined) return known;
    const id = EventId.fromString(uuid(0xc0000000 + this.contents.size));
    this.contents.set(content, id);
    return id;
  }
}
