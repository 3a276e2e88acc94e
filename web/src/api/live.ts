import { ValueStore } from '../state/store.js';
import { backOffMs } from './back-off.js';
import { EventStreamParser, type StreamEvent } from './event-stream.js';
import { plainProblem, problemOf, toProblem, type Problem } from './problem.js';
import type { Timers } from './timers.js';

/** The service sends a comment into each silence of 10 s; a longer one is a half-open connection. */
const SILENCE_MS = 30_000;
const DEFAULT_RETRY_MS = 3_000;
const MAX_RETRY_MS = 60_000;
/** Ticks are Unix seconds: asks for all readings that the service remembers. */
const EVERYTHING = '0';

export type LiveState =
  /** Carries what ended the connection before, until the next one is open. */
  | { readonly phase: 'connecting'; readonly problem: Problem | null }
  | { readonly phase: 'open' }
  | { readonly phase: 'waiting'; readonly retryAtMs: number; readonly problem: Problem | null }
  | { readonly phase: 'refused'; readonly problem: Problem }
  | { readonly phase: 'stopped' };

export interface LiveConnectionOptions {
  /** Sends the request with the token of the session. */
  readonly fetch: (request: Request) => Promise<Response>;
  readonly url: string;
  readonly timers: Timers;
  readonly onEvent: (event: StreamEvent) => void;
  /** Runs when the service ends the stream because the token's time is over. */
  readonly onTokenExpired: () => void;
}

type Outcome = { readonly ended: string | null } | { readonly problem: Problem };

/** Keeps one connection to `GET /live` open, and says how it stands. */
export class LiveConnection {
  readonly state = new ValueStore<LiveState>({ phase: 'stopped' });
  private lastEventId = EVERYTHING;
  private retryMs = DEFAULT_RETRY_MS;
  private failures = 0;
  /** Counts starts, so that what an earlier one left running has no effect. */
  private generation = 0;
  private request: AbortController | null = null;
  private cancelWait: (() => void) | null = null;

  constructor(private readonly options: LiveConnectionOptions) {}

  /** Connects unless it is connected or on its way. */
  start(): void {
    const { phase } = this.state.get();
    if (phase === 'open' || phase === 'connecting') return;
    this.halt();
    void this.connect(this.generation);
  }

  stop(): void {
    this.halt();
    this.state.set({ phase: 'stopped' });
  }

  private halt(): void {
    this.generation += 1;
    this.cancelWait?.();
    this.cancelWait = null;
    this.request?.abort();
    this.request = null;
  }

  private async connect(generation: number): Promise<void> {
    const before = this.state.get();
    if (before.phase !== 'open') this.state.set({ phase: 'connecting', problem: troubleOf(before) });
    const outcome = await this.watch(generation);
    if (generation !== this.generation) return;
    this.request = null;
    if ('problem' in outcome) this.fail(generation, outcome.problem);
    else this.goOn(generation, outcome.ended);
  }

  /** The service ended the stream in order: `rotated` streams go on without a sign of trouble. */
  private goOn(generation: number, reason: string | null): void {
    if (reason === 'token_expired') {
      this.stop();
      this.options.onTokenExpired();
      return;
    }
    if (reason === 'rotated') {
      this.wait(generation, this.retryMs);
      return;
    }
    this.failures += 1;
    this.waitVisibly(generation, null);
  }

  private fail(generation: number, problem: Problem): void {
    if (problem.kind === 'unauthorized') {
      this.stop();
      return;
    }
    if (problem.kind === 'forbidden' || problem.kind === 'refused') {
      this.state.set({ phase: 'refused', problem });
      return;
    }
    this.failures += 1;
    this.waitVisibly(generation, problem);
  }

  private waitVisibly(generation: number, problem: Problem | null): void {
    const { timers } = this.options;
    const limits = { baseMs: this.retryMs, maxMs: Math.max(MAX_RETRY_MS, this.retryMs) };
    const delayMs = Math.max(
      backOffMs(this.failures, limits, () => timers.random()),
      problem?.retryAfterMs ?? 0,
    );
    this.state.set({ phase: 'waiting', retryAtMs: timers.nowMs() + delayMs, problem });
    this.wait(generation, delayMs);
  }

  private wait(generation: number, delayMs: number): void {
    this.cancelWait = this.options.timers.after(delayMs, () => {
      void this.connect(generation);
    });
  }

  /** Reads one stream to its end. Never rejects. */
  private async watch(generation: number): Promise<Outcome> {
    const request = new AbortController();
    this.request = request;
    let cancelSilence = (): void => undefined;
    const hear = (): void => {
      cancelSilence();
      cancelSilence = this.options.timers.after(SILENCE_MS, () => {
        request.abort(new Error(`No byte for ${SILENCE_MS / 1000} s`));
      });
    };
    hear();
    try {
      const response = await this.options.fetch(
        new Request(this.options.url, {
          headers: { accept: 'text/event-stream', 'last-event-id': this.lastEventId },
          cache: 'no-store',
          signal: request.signal,
        }),
      );
      if (!response.ok) return { problem: toProblem(response, await response.json().catch(() => null)) };
      if (response.body === null) return { ended: null };
      if (generation === this.generation) this.state.set({ phase: 'open' });
      return await this.read(generation, response.body, hear);
    } catch (error) {
      return { problem: problemOf(request.signal.aborted ? request.signal.reason : error) };
    } finally {
      cancelSilence();
    }
  }

  private async read(
    generation: number,
    body: ReadableStream<Uint8Array>,
    hear: () => void,
  ): Promise<Outcome> {
    const parser = new EventStreamParser();
    const decoder = new TextDecoder();
    const reader = body.getReader();
    let ended: string | null = null;
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      if (generation !== this.generation) break;
      hear();
      for (const event of parser.push(decoder.decode(part.value, { stream: true }))) {
        if (event.name === 'end') ended = reasonOf(event.data);
        else this.options.onEvent(event);
        this.failures = 0;
      }
      if (parser.lastEventId !== '') this.lastEventId = parser.lastEventId;
      this.retryMs = parser.retryMs ?? this.retryMs;
    }
    return { ended };
  }
}

/** Returns why the connection is not there; null when nobody had asked for it. */
function troubleOf(state: LiveState): Problem | null {
  if (state.phase === 'waiting') return state.problem ?? plainProblem('unavailable');
  return state.phase === 'connecting' || state.phase === 'refused' ? state.problem : null;
}

function reasonOf(data: string): string | null {
  try {
    const { reason } = JSON.parse(data) as { readonly reason?: unknown };
    return typeof reason === 'string' ? reason : null;
  } catch {
    return null;
  }
}
