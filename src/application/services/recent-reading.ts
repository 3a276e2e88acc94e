import type { IClock } from '../ports/clock.port.js';

export interface Timed<T> {
  readonly value: T;
  /** Instant before the reading began. */
  readonly asOf: Date;
}

interface Current<T> {
  readonly reading: Promise<Timed<T>>;
  reuseUntilMs: number;
}

/** Reads at most once at a time and once a period, however many callers ask. Repeats failures for the period, too. */
export class RecentReading<T> {
  private current: Current<T> | null = null;

  constructor(
    private readonly clock: IClock,
    private readonly periodMs: number,
    private readonly read: () => Promise<T>,
  ) {}

  /** @throws the error of the reading */
  get(): Promise<Timed<T>> {
    if (this.current === null || this.clock.elapsedMs() >= this.current.reuseUntilMs)
      this.current = this.start();
    return this.current.reading;
  }

  private start(): Current<T> {
    const asOf = this.clock.now();
    const reading = this.read().then((value) => ({ value, asOf }));
    const current: Current<T> = { reading, reuseUntilMs: Infinity };
    const settle = (): void => {
      current.reuseUntilMs = this.clock.elapsedMs() + this.periodMs;
    };
    reading.then(settle, settle);
    return current;
  }
}
