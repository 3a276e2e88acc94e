import { ValueStore } from '../state/store.js';

/** Exceeds the rounding of a `Date` header; clocks that differ by less need no correction. */
const TOLERANCE_MS = 3_000;

/** The clock of the service: a browser whose clock is wrong still asks for the right day. */
export class ServerClock {
  /** True from the first answer on: before, the time is that of the browser. */
  readonly isKnown = new ValueStore(false);
  private offsetMs = 0;

  constructor(private readonly ownNowMs: () => number) {}

  /** Begins a request. @returns a function that takes the `Date` header of its answer when that arrives */
  expectAnswer(): (date: string | null) => void {
    const sentMs = this.ownNowMs();
    return (date) => {
      this.learn(date, sentMs, this.ownNowMs());
    };
  }

  /** Unix milliseconds. */
  nowMs(): number {
    return this.ownNowMs() + this.offsetMs;
  }

  /** An answer may have been on its way for long, so it corrects only a difference that it proves wrong. */
  private learn(date: string | null, sentMs: number, arrivedMs: number): void {
    const serverMs = date === null ? NaN : Date.parse(date);
    if (Number.isNaN(serverMs)) return;
    const [least, most] = [serverMs - arrivedMs, serverMs - sentMs];
    const isPossible = this.offsetMs >= least - TOLERANCE_MS && this.offsetMs <= most + TOLERANCE_MS;
    if (!isPossible) this.offsetMs = Math.round((least + most) / 2);
    this.isKnown.set(true);
  }
}
