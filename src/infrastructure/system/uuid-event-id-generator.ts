import { randomFillSync } from 'node:crypto';
import { v5, v7 } from 'uuid';
import type { IEventIdGenerator } from '../../application/ports/event-id-generator.port.js';
import { EventId } from '../../domain/value-objects/event-id.vo.js';

/** Namespace of this service, which keeps ids from content distinct from those of other systems. */
const CONTENT_NAMESPACE = '5f0c1d1e-8c5b-4f57-9d3a-2b1f6c7e9a40';

const RANDOM_BYTES = 16;
/** Fetches random bytes for many ids at once: one system call costs the same for 16 bytes and for thousands. */
const POOL_BYTES = 256 * RANDOM_BYTES;

export class UuidEventIdGenerator implements IEventIdGenerator {
  private readonly pool = Buffer.alloc(POOL_BYTES);
  private used = POOL_BYTES;

  next(now: Date): EventId {
    return EventId.fromString(v7({ msecs: now.getTime(), random: this.nextRandom() }));
  }

  fromContent(content: string): EventId {
    return EventId.fromString(v5(content, CONTENT_NAMESPACE));
  }

  private nextRandom(): Uint8Array {
    if (this.used === POOL_BYTES) {
      randomFillSync(this.pool);
      this.used = 0;
    }
    this.used += RANDOM_BYTES;
    return this.pool.subarray(this.used - RANDOM_BYTES, this.used);
  }
}
