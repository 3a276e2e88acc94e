import type { StreamEvent } from '../api/event-stream.js';
import type { LiveStatus, OnlineCount, RealtimeDau } from '../api/types.js';
import { ValueStore, type Store } from './store.js';

/** Readings come every five seconds; older ones leave the picture. */
export const WINDOW_SECONDS = 600;

export interface OnlineReading {
  /** Unix seconds of the reading. */
  readonly atSeconds: number;
  readonly count: number;
}

export interface LiveSnapshot {
  readonly online: OnlineCount | null;
  /** Ascending, without repeats. */
  readonly readings: readonly OnlineReading[];
  readonly dau: RealtimeDau | null;
  readonly status: LiveStatus | null;
}

const NOTHING: LiveSnapshot = { online: null, readings: [], dau: null, status: null };

/** Keeps what `GET /live` has pushed so far. */
export class LiveFigures implements Store<LiveSnapshot> {
  private readonly snapshot = new ValueStore<LiveSnapshot>(NOTHING);

  get(): LiveSnapshot {
    return this.snapshot.get();
  }

  subscribe(listener: () => void): () => void {
    return this.snapshot.subscribe(listener);
  }

  forget(): void {
    this.snapshot.set(NOTHING);
  }

  /** Ignores events of a later version of the service. */
  receive({ name, data }: StreamEvent): void {
    if (name === 'online') this.receiveOnline(JSON.parse(data) as OnlineCount);
    else if (name === 'dau') this.change({ dau: JSON.parse(data) as RealtimeDau });
    else if (name === 'status') this.change({ status: JSON.parse(data) as LiveStatus });
  }

  private receiveOnline(online: OnlineCount): void {
    const atSeconds = Math.floor(Date.parse(online.queriedAt) / 1000);
    const readings = this.get().readings.filter((reading) => {
      const age = atSeconds - reading.atSeconds;
      return age > 0 && age < WINDOW_SECONDS;
    });
    this.change({ online, readings: [...readings, { atSeconds, count: online.count }] });
  }

  private change(part: Partial<LiveSnapshot>): void {
    this.snapshot.set({ ...this.get(), ...part });
  }
}
