import { createHash } from 'node:crypto';

/** Bounds the age of a part, in case its key should ever come again with other bits. */
const MAX_AGE_MS = 10 * 60_000;
/** Bytes of an entry beside its value. */
const ENTRY_BYTES = 200;

interface Part {
  readonly value: unknown;
  readonly bytes: number;
  readonly untilMs: number;
}

/**
 * Keeps parts of long figures, the least recently used go first. A request that ran out of time leaves its parts, and
 * the next one goes on where it ended. A key names all that a part depends on, the version of the bits included.
 */
export class PartCache {
  private readonly parts = new Map<string, Part>();
  private readonly running = new Map<string, Promise<unknown>>();
  private bytes = 0;

  constructor(private readonly maxBytes: number) {}

  /** Makes a short key of a long one. */
  static keyOf(...names: readonly string[]): string {
    return createHash('sha256').update(JSON.stringify(names)).digest('base64');
  }

  /** Runs the work of one figure at a time: who asks for the same one waits, and then finds its parts. */
  async inTurn<T>(key: string, work: () => Promise<T>): Promise<T> {
    for (let running = this.running.get(key); running !== undefined; running = this.running.get(key))
      await running.catch(() => undefined);
    const working = work();
    this.running.set(key, working);
    try {
      return await working;
    } finally {
      this.running.delete(key);
    }
  }

  // eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- the key tells the type
  find<T>(key: string): T | undefined {
    const part = this.parts.get(key);
    if (part === undefined) return undefined;
    this.drop(key, part);
    if (part.untilMs <= performance.now()) return undefined;
    this.add(key, part);
    return part.value as T;
  }

  put(key: string, value: unknown, valueBytes: number): void {
    const bytes = valueBytes + key.length + ENTRY_BYTES;
    const before = this.parts.get(key);
    if (before !== undefined) this.drop(key, before);
    if (bytes > this.maxBytes) return;
    this.add(key, { value, bytes, untilMs: performance.now() + MAX_AGE_MS });
    for (const [oldest, part] of this.parts) {
      if (this.bytes <= this.maxBytes) return;
      this.drop(oldest, part);
    }
  }

  private add(key: string, part: Part): void {
    this.parts.set(key, part);
    this.bytes += part.bytes;
  }

  private drop(key: string, part: Part): void {
    this.parts.delete(key);
    this.bytes -= part.bytes;
  }
}
