import { PolledResource, type Period } from './polled-resource.js';
import type { Timers } from './timers.js';

/** Ranges and provinces that somebody looked at last come back at once. */
const MAX_RESOURCES = 60;

/** Keeps what was asked for by its key, so that panels share requests. */
export class ResourceCache {
  private readonly resources = new Map<string, PolledResource<unknown>>();

  constructor(
    private readonly timers: Timers,
    private readonly isShown: () => boolean = () => true,
  ) {}

  /** @param key determines the type of the answer */
  obtain<T>(key: string, period: Period, load: (signal: AbortSignal) => Promise<T>): PolledResource<T> {
    const known = this.resources.get(key) as PolledResource<T> | undefined;
    const resource = known ?? new PolledResource<T>(load, period, this.timers, this.isShown);
    this.resources.delete(key);
    this.resources.set(key, resource);
    const [oldest] = this.resources.keys();
    if (this.resources.size > MAX_RESOURCES && oldest !== undefined) this.resources.delete(oldest);
    return resource;
  }

  clear(): void {
    this.resources.clear();
  }
}
