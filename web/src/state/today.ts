import type { Timers } from '../api/timers.js';
import { shanghaiDay } from './day-range.js';
import type { Store } from './store.js';

const CHECK_EVERY_MS = 10_000;

/** Today in Asia/Shanghai by the clock of the service. Followers hear of new days alone. */
export class Today implements Store<string> {
  constructor(private readonly timers: Timers) {}

  get(): string {
    return shanghaiDay(this.timers.nowMs());
  }

  subscribe(listener: () => void): () => void {
    let day = this.get();
    let cancel = (): void => undefined;
    const check = (): void => {
      cancel = this.timers.after(CHECK_EVERY_MS, check);
      const now = this.get();
      if (now === day) return;
      day = now;
      listener();
    };
    cancel = this.timers.after(CHECK_EVERY_MS, check);
    return () => {
      cancel();
    };
  }
}
