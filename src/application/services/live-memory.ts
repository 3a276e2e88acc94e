import type { LiveEvent, OnlineEvent } from '../queries/watch-figures/watch-figures.query.js';

/** Age in seconds up to which readings are repeated to a watcher that returns. */
const REPEATED_SECONDS = 300;

/** Remembers what a new watcher is sent: the present state, and the readings that a returning one has missed. */
export class LiveMemory {
  private readonly latest = new Map<LiveEvent['name'], LiveEvent>();
  /** Bounded by their age. */
  private readings: OnlineEvent[] = [];

  /** True for an event that says something else than the last one of its name. */
  isNews(event: LiveEvent): boolean {
    const last = this.latest.get(event.name);
    return last === undefined || contentOf(last) !== contentOf(event);
  }

  remember(event: LiveEvent): void {
    this.latest.set(event.name, event);
    if (event.name !== 'online') return;
    // A reading of a repeated or an earlier tick follows a step of the clock, or a restart of the reader.
    this.readings = this.readings.filter(
      ({ tick }) => tick < event.tick && tick > event.tick - REPEATED_SECONDS,
    );
    this.readings.push(event);
  }

  forget(name: LiveEvent['name']): void {
    this.latest.delete(name);
  }

  /** Forgets the present, which goes stale without a reader, and keeps the readings. */
  forgetState(): void {
    this.latest.clear();
  }

  /** @param afterTick last tick that the watcher has, or null */
  recall(afterTick: number | null): LiveEvent[] {
    const state = [this.latest.get('status'), this.latest.get('dau')].filter((event) => event !== undefined);
    return [...state, ...this.recallOnline(afterTick)];
  }

  private recallOnline(afterTick: number | null): LiveEvent[] {
    const newest = this.readings.at(-1)?.tick ?? -Infinity;
    // A tick from the future was seen before the clock stepped back; it says nothing about what is missing.
    if (afterTick !== null && afterTick <= newest)
      return this.readings.filter(({ tick }) => tick > afterTick);
    const online = this.latest.get('online');
    return online === undefined ? [] : [online];
  }
}

/** Leaves out the time of the question, which always differs. */
function contentOf({ data }: LiveEvent): string {
  return JSON.stringify({ ...data, queriedAt: undefined });
}
