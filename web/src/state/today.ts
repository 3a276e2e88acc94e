import type { Timers } from '../api/timers.js';
import { shanghaiDay } from './day-range.js';
import type { Store } from './store.js';

const CHECK_EVERY_MS = 10_000;

/** Today in Asia/Shanghai by the clock of the service. Followers hear of new days alone. */
export class Today implements Store<string> {
  /** @param whenShown calls back whenever the page is shown, since timers may have slept, and returns an end to it */
  constructor(
    private readonly timers: Timers,
    private readonly whenShown: (call: () => void) => () => void,
  ) {}

  get(): string {
    return shanghaiDay(this.timers.nowMs());
  }

  subscribe(listener: () => void): () => void {
    let day = this.get();
    let cancel = (): void => undefined;
    const check = (): void => {
      cancel();
      cancel = this.timers.after(CHECK_EVERY_MS, check);
      const now = this.get();
      if (now === day) return;
      day = now;
      listener();
    };
    cancel = this.timers.after(CHECK_EVERY_MS, check);
    const leave = this.whenShown(check);
    return () => {
      cancel();
      leave();
    };
  }
}
