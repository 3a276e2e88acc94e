/** Memory that the parser takes for each chunk beside its bytes: many small chunks cost more than their bytes. */
const CHUNK_OVERHEAD_BYTES = 200;

/** A client address with incomplete bodies. */
interface Sender {
  readonly address: string;
  bytes: number;
  /** Oldest first. */
  readonly bodies: Set<HeldBody>;
}

/** The memory held for one body. */
export interface HeldBody {
  bytes: number;
  /** Null for a complete body, which is never evicted. */
  sender: Sender | null;
  isReleased: boolean;
  /** Refuses the rest of the body and frees what has arrived. */
  evict: () => void;
}

/**
 * Bounds the memory of all bodies. A full store evicts the oldest incomplete body of the sender that holds most,
 * so that no client keeps others out by sending bodies that never end.
 */
export class HeldBodies {
  private bytes = 0;
  private readonly senders = new Map<string, Sender>();

  constructor(private readonly maxBytes: number) {}

  hold(evict: () => void): HeldBody {
    return { bytes: 0, sender: null, isReleased: false, evict };
  }

  /** Makes an incomplete body a candidate for eviction. */
  trackIncomplete(body: HeldBody, address: string): void {
    if (body.isReleased) return;
    let sender = this.senders.get(address);
    if (sender === undefined) this.senders.set(address, (sender = { address, bytes: 0, bodies: new Set() }));
    sender.bytes += body.bytes;
    sender.bodies.add(body);
    body.sender = sender;
  }

  /** Adds a chunk that was received or decompressed. */
  add(body: HeldBody, chunkBytes: number): void {
    if (body.isReleased) return;
    const bytes = chunkBytes + CHUNK_OVERHEAD_BYTES;
    body.bytes += bytes;
    this.bytes += bytes;
    if (body.sender !== null) body.sender.bytes += bytes;
    while (this.bytes > this.maxBytes) {
      const victim = this.oldestOfLargestSender() ?? body;
      this.release(victim);
      victim.evict();
      if (victim === body) return;
    }
  }

  complete(body: HeldBody): void {
    const { sender } = body;
    if (sender === null) return;
    body.sender = null;
    sender.bytes -= body.bytes;
    sender.bodies.delete(body);
    if (sender.bodies.size === 0) this.senders.delete(sender.address);
  }

  release(body: HeldBody): void {
    if (body.isReleased) return;
    this.complete(body);
    this.bytes -= body.bytes;
    body.isReleased = true;
  }

  private oldestOfLargestSender(): HeldBody | undefined {
    let largest: Sender | undefined;
    for (const sender of this.senders.values())
      if (largest === undefined || sender.bytes > largest.bytes) largest = sender;
    return largest?.bodies.values().next().value;
  }
}
