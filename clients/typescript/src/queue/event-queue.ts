import type { Report } from '../client-report.js';
import type { ClientStorage } from '../ports/client-storage.js';
import type { ClockReading } from './clock-change.js';
import { readFacts, type EventFacts } from './event-text.js';
import type { QueuedEvent } from './queued-event.js';
import { utf8Length } from './utf8-length.js';

const PREFIX = 'event/';
export const SESSION_START = 'app_session_start';

export interface QueueBounds {
  readonly maxQueuedEvents: number;
  readonly maxQueuedBytes: number;
}

/** Holds the events that are not confirmed, in order, in memory and in the storage. */
export class EventQueue {
  private readonly events = new Map<string, QueuedEvent>();
  private bytes = 0;
  private sequence = 0;

  constructor(
    private readonly storage: ClientStorage,
    private readonly bounds: QueueBounds,
    private readonly report: Report,
  ) {}

  get size(): number {
    return this.events.size;
  }

  get lastSequence(): number {
    return this.sequence;
  }

  /** Iterates from the oldest event to the newest. */
  values(): Iterable<QueuedEvent> {
    return this.events.values();
  }

  has(event: QueuedEvent): boolean {
    return this.events.has(event.key);
  }

  /** Takes over the events of an earlier run. */
  async restore(records: ReadonlyMap<string, string>): Promise<void> {
    const keys = [...records.keys()].filter((key) => key.startsWith(PREFIX)).sort();
    for (const key of keys) {
      const text = records.get(key) ?? '';
      const sequence = Number(/^event\/(\d+)-/.exec(key)?.[1]);
      const facts = readFacts(text);
      if (facts === null || !Number.isSafeInteger(sequence)) {
        this.report({ kind: 'record_unreadable', key });
        await this.removeStored([key]);
        continue;
      }
      this.sequence = Math.max(this.sequence, sequence);
      this.insert({ ...this.makeEvent(key, sequence, facts, text), stamp: null, queuedAtMs: -Infinity });
    }
    await this.evictSurplus();
  }

  /** Resolves when the event is stored; a storage that fails is reported, and the event stays in memory. */
  async add(facts: EventFacts, text: string, stamp: ClockReading): Promise<void> {
    this.sequence += 1;
    const key = `${PREFIX}${String(this.sequence).padStart(15, '0')}-${facts.eventId}`;
    const event = this.makeEvent(key, this.sequence, facts, text);
    this.insert({ ...event, stamp, queuedAtMs: stamp.monotonicMs });
    await this.evictSurplus();
    if (this.events.has(key)) await this.store(key, text);
  }

  /** Changes an event before its first attempt; the stored text changes with it. */
  async rewrite(event: QueuedEvent, text: string): Promise<void> {
    event.text = text;
    await this.store(event.key, text);
  }

  async remove(events: readonly QueuedEvent[]): Promise<void> {
    const present = events.filter((event) => this.events.delete(event.key));
    for (const { sizeBytes } of present) this.bytes -= sizeBytes;
    if (present.length > 0) await this.removeStored(present.map(({ key }) => key));
  }

  private makeEvent(key: string, sequence: number, facts: EventFacts, text: string) {
    return { ...facts, key, sequence, text, sizeBytes: utf8Length(text), withoutToken: false };
  }

  private insert(event: QueuedEvent): void {
    this.events.set(event.key, event);
    this.bytes += event.sizeBytes;
  }

  private async evictSurplus(): Promise<void> {
    const evicted: QueuedEvent[] = [];
    while (this.isFull()) {
      const event = this.chooseEvicted();
      if (event === undefined) break;
      this.events.delete(event.key);
      this.bytes -= event.sizeBytes;
      evicted.push(event);
    }
    for (const { eventId, eventName } of evicted) this.report({ kind: 'event_evicted', eventId, eventName });
    if (evicted.length > 0) await this.removeStored(evicted.map(({ key }) => key));
  }

  private isFull(): boolean {
    return this.events.size > this.bounds.maxQueuedEvents || this.bytes > this.bounds.maxQueuedBytes;
  }

  /** Session starts make active users, so they are evicted last. */
  private chooseEvicted(): QueuedEvent | undefined {
    let oldest: QueuedEvent | undefined;
    for (const event of this.events.values()) {
      if (event.eventName !== SESSION_START) return event;
      oldest ??= event;
    }
    return oldest;
  }

  private async store(key: string, text: string): Promise<void> {
    try {
      await this.storage.save(key, text);
    } catch (error) {
      this.report({ kind: 'storage_failed', error });
      return;
    }
    // The event may have been confirmed or evicted while it was written.
    if (!this.events.has(key)) await this.removeStored([key]);
  }

  private async removeStored(keys: readonly string[]): Promise<void> {
    try {
      await this.storage.remove(keys);
    } catch (error) {
      this.report({ kind: 'storage_failed', error });
    }
  }
}
