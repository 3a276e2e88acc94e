import { ValueStore, type Store } from '../state/store.js';
import { backOffMs } from './back-off.js';
import { problemOf, type Problem } from './problem.js';
import type { Timers } from './timers.js';

const BACK_OFF = { baseMs: 2_000, maxMs: 60_000 };

/** The wait after an answer, or how long it is for one of that instant in Unix milliseconds. */
export type Period = number | ((askedMs: number) => number);

export interface Polled<T> {
  /** The last answer; it stays when a later one fails. */
  readonly data: T | null;
  /** When `data` arrived, Unix milliseconds. */
  readonly asOfMs: number | null;
  /** Why the last attempt failed; null when it did not. */
  readonly problem: Problem | null;
  readonly isLoading: boolean;
  /** When the next attempt after a failure begins, Unix milliseconds. */
  readonly retryAtMs: number | null;
}

const NOTHING: Polled<never> = {
  data: null,
  asOfMs: null,
  problem: null,
  isLoading: true,
  retryAtMs: null,
};

/** Asks again and again while somebody looks; after a failure sooner, with back-off. */
export class PolledResource<T> implements Store<Polled<T>> {
  private readonly state = new ValueStore<Polled<T>>(NOTHING);
  private watchers = 0;
  private failures = 0;
  private request: AbortController | null = null;
  private cancelTimer: (() => void) | null = null;

  constructor(
    private readonly load: (signal: AbortSignal) => Promise<T>,
    private readonly period: Period,
    private readonly timers: Timers,
    /** False while nobody can see the page, which asks nothing then. */
    private readonly isShown: () => boolean = () => true,
  ) {}

  get(): Polled<T> {
    return this.state.get();
  }

  subscribe(listener: () => void): () => void {
    const unsubscribe = this.state.subscribe(listener);
    this.watchers += 1;
    if (this.watchers === 1 && this.isShown()) this.resume();
    return () => {
      unsubscribe();
      this.watchers -= 1;
      if (this.watchers === 0) this.pause();
    };
  }

  /** Asks at once, unless an answer is on its way. */
  refresh(): void {
    if (this.request === null && this.watchers > 0) void this.ask();
  }

  /** Asks at once when the last answer is older than the period, as after the page was hidden. */
  resume(): void {
    const { asOfMs } = this.get();
    const dueInMs = asOfMs === null ? 0 : asOfMs + this.periodAfter(asOfMs) - this.timers.nowMs();
    if (dueInMs <= 0 || this.failures > 0) this.refresh();
    else this.schedule(dueInMs);
  }

  pause(): void {
    this.cancelTimer?.();
    this.cancelTimer = null;
    this.request?.abort();
    this.request = null;
  }

  private async ask(): Promise<void> {
    this.cancelTimer?.();
    const request = new AbortController();
    this.request = request;
    this.state.set({ ...this.get(), isLoading: true, retryAtMs: null });
    let delayMs: number;
    try {
      const data = await this.load(request.signal);
      if (this.request !== request) return;
      this.failures = 0;
      const asOfMs = this.timers.nowMs();
      delayMs = this.periodAfter(asOfMs);
      this.state.set({ data, asOfMs, problem: null, isLoading: false, retryAtMs: null });
    } catch (error) {
      if (this.request !== request) return;
      delayMs = this.fail(problemOf(error));
    }
    this.request = null;
    this.schedule(delayMs);
  }

  /** @returns the wait before the next attempt */
  private fail(problem: Problem): number {
    this.failures += 1;
    const backOff = backOffMs(this.failures, BACK_OFF, () => this.timers.random());
    const delayMs = Math.max(
      isLasting(problem) ? this.periodAfter(this.timers.nowMs()) : backOff,
      problem.retryAfterMs ?? 0,
    );
    this.state.set({
      ...this.get(),
      problem,
      isLoading: false,
      retryAtMs: this.timers.nowMs() + delayMs,
    });
    return delayMs;
  }

  private periodAfter(askedMs: number): number {
    return typeof this.period === 'number' ? this.period : this.period(askedMs);
  }

  private schedule(delayMs: number): void {
    this.cancelTimer?.();
    this.cancelTimer = this.timers.after(delayMs, () => {
      this.refresh();
    });
  }
}

/** Repeating a refused request soon changes nothing. */
function isLasting({ kind }: Problem): boolean {
  return kind === 'forbidden' || kind === 'refused' || kind === 'unauthorized';
}
