import type { TraceContext } from '../../shared/rules/traceparent.rule.js';

export interface SpanOptions {
  readonly kind?: 'server' | 'client' | 'producer' | 'consumer' | 'internal';
  /** Values of a bounded number of kinds; nothing secret or personal. */
  readonly attributes?: Readonly<Record<string, string | number>>;
  /** Null starts a new trace; absent continues the trace of the running code. */
  readonly parent?: TraceContext | null;
}

export interface SpanEnd {
  /** Replaces the name that the span started with. */
  readonly name?: string;
  readonly attributes?: Readonly<Record<string, string | number>>;
  readonly error?: unknown;
}

/** A piece of work that has begun. */
export interface Span {
  readonly context: TraceContext;
  end(result?: SpanEnd): void;
}

/** Records how long pieces of work take and what they are parts of. */
export interface ITracer {
  /** False when nothing is recorded: then nothing else needs to be called. */
  readonly isRecording: boolean;

  /** Starts a span that the caller ends. */
  start(name: string, options: SpanOptions & { readonly parent: TraceContext | null }): Span;

  /**
   * Runs the work as a span. Without a parent, and outside of any trace, the work runs without a span.
   * Messages that the work publishes, and lines that it logs, carry the trace of the span.
   */
  run<T>(name: string, options: SpanOptions, work: () => Promise<T>): Promise<T>;
}

/** Records nothing. */
export const NO_TRACER: ITracer = {
  isRecording: false,
  start: (_name, { parent }) => ({
    context: parent ?? { traceId: '0'.repeat(32), spanId: '0'.repeat(16), isSampled: false },
    end: () => undefined,
  }),
  run: (_name, _options, work) => work(),
};

export const TRACER = Symbol('ITracer');
