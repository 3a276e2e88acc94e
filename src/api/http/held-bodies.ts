/** What the parser keeps of each chunk beside its bytes: many small ones cost more than they say. */
const CHUNK_OVERHEAD_BYTES = 200;

/** Whoever sends bodies that are not whole yet. */
interface Sender {
  readonly address: string;
  bytes: number;
  /** The oldest first. */
  readonly bodies: Set<HeldBody>;
}

/** What the service holds of one body. */
export interface HeldBody {
  bytes: number;
  /** Null: it is whole, and gives way to nobody. */
  sender: Sender | null;
  isReleased: boolean;
  /** Refuses the rest, and frees what there is. */
  giveWay: () => void;
}

/**
 * All bodies that are held, within a bound. Where there is no room a body that is still arriving gives way: the oldest of
 * the sender with the most. So nobody keeps others out by sending and never ending.
 */
export class HeldBodies {
  private bytes = 0;
  private readonly senders = new Map<string, Sender>();

  constructor(private readonly maxBytes: number) {}

  hold(giveWay: () => void): HeldBody {
    return { bytes: 0, sender: null, isReleased: false, giveWay };
  }

  /** More of it is to come than is here. */
  arrive(body: HeldBody, address: string): void {
    if (body.isReleased) return;
    let sender = this.senders.get(address);
    if (sender === undefined) this.senders.set(address, (sender = { address, bytes: 0, bodies: new Set() }));
    sender.bytes += body.bytes;
    sender.bodies.add(body);
    body.sender = sender;
  }

  /** A chunk of it has come, or has been unfolded. */
  add(body: HeldBody, chunkBytes: number): void {
    if (body.isReleased) return;
    const bytes = chunkBytes + CHUNK_OVERHEAD_BYTES;
    body.bytes += bytes;
    this.bytes += bytes;
    if (body.sender !== null) body.sender.bytes += bytes;
    while (this.bytes > this.maxBytes) {
      const leaving = this.oldestOfTheLargest() ?? body;
      this.release(leaving);
      leaving.giveWay();
      if (leaving === body) return;
    }
  }

  /** All of it is here. */
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

  private oldestOfTheLargest(): HeldBody | undefined {
    let largest: Sender | undefined;
    for (const sender of this.senders.values())
      if (largest === undefined || sender.bytes > largest.bytes) largest = sender;
    return largest?.bodies.values().next().value;
  }
}
