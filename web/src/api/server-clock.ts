import { ValueStore } from '../state/store.js';

/** Differences below are the travel time of an answer and the rounding of its `Date` header. */
const TOLERANCE_MS = 3_000;

/** The clock of the service: a browser whose clock is wrong still asks for the right day. */
export class ServerClock {
  /** True from the first answer on: before, the time is that of the browser. */
  readonly isKnown = new ValueStore(false);
  private offsetMs = 0;

  constructor(private readonly ownNowMs: () => number) {}

  /** @param date the `Date` header of an answer that has just arrived */
  learn(date: string | null): void {
    const serverMs = date === null ? NaN : Date.parse(date);
    if (Number.isNaN(serverMs)) return;
    const offsetMs = serverMs - this.ownNowMs();
    this.offsetMs = Math.abs(offsetMs) > TOLERANCE_MS ? offsetMs : 0;
    this.isKnown.set(true);
  }

  /** Unix milliseconds. */
  nowMs(): number {
    return this.ownNowMs() + this.offsetMs;
  }
}
