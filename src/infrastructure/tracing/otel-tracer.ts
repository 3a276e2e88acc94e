import { Logger, type OnApplicationShutdown } from '@nestjs/common';
import {
  diag,
  DiagLogLevel,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  TraceFlags,
  type Context,
  type Span as OtelSpan,
  type Tracer,
} from '@opentelemetry/api';
import type { BasicTracerProvider } from '@opentelemetry/sdk-trace-base';
import type { ITracer, Span, SpanOptions } from '../../application/ports/tracer.port.js';
import { BUILD } from '../../config/build.js';
import type { TracingConfig } from '../../config/tracing.config.js';
import { currentContext, runWork } from '../../shared/context/work-context.js';
import { isServiceException } from '../../shared/exceptions/service-exception.js';
import type { TraceContext } from '../../shared/rules/traceparent.rule.js';
import { endsWithin } from '../../shared/utils/timeout.util.js';
import { createProvider } from './otel-exporter.js';

const KINDS = {
  internal: SpanKind.INTERNAL,
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
};
/** Bounds the shutdown: spans are best effort. */
const OPEN_SPANS_TIMEOUT_MS = 1_000;
const STOP_TIMEOUT_MS = 2_000;
const WARN_EVERY_MS = 60_000;
const MAX_REASON_CHARACTERS = 200;

/** Records spans with OpenTelemetry and posts them to a collector. */
export class OtelTracer implements ITracer, OnApplicationShutdown {
  readonly isRecording = true;
  private readonly tracer: Tracer;
  private openSpans = 0;
  private onIdle: (() => void) | null = null;

  private constructor(private readonly provider: BasicTracerProvider) {
    this.tracer = provider.getTracer('analytics-presence', BUILD.version);
  }

  static async open(config: TracingConfig): Promise<OtelTracer> {
    reportProblems(new Logger(OtelTracer.name));
    return new OtelTracer(await createProvider(config));
  }

  start(name: string, options: SpanOptions & { readonly parent: TraceContext | null }): Span {
    const span = this.tracer.startSpan(
      name,
      {
        kind: KINDS[options.kind ?? 'internal'],
        ...(options.attributes && { attributes: { ...options.attributes } }),
      },
      toContext(options.parent),
    );
    this.openSpans++;
    const { traceId, spanId, traceFlags } = span.spanContext();
    const isSampled = (traceFlags & TraceFlags.SAMPLED) !== 0;
    return {
      context: { traceId, spanId, isSampled },
      end: ({ name: finalName, attributes, error } = {}) => {
        if (finalName !== undefined) span.updateName(finalName);
        if (attributes !== undefined) span.setAttributes({ ...attributes });
        if (error !== undefined) setError(span, error);
        span.end();
        if (--this.openSpans === 0) this.onIdle?.();
      },
    };
  }

  async run<T>(name: string, options: SpanOptions, work: () => Promise<T>): Promise<T> {
    const current = currentContext();
    const parent = options.parent === undefined ? (current?.trace ?? null) : options.parent;
    // Work outside of any trace would make a trace of each command of each background loop.
    if (parent === null && options.parent === undefined) return work();
    const span = this.start(name, { ...options, parent });
    try {
      const result = await runWork({ requestId: current?.requestId ?? null, trace: span.context }, work);
      span.end();
      return result;
    } catch (error) {
      span.end({ error });
      throw error;
    }
  }

  /** Waits for work that is being drained, then posts what is left. */
  async onApplicationShutdown(): Promise<void> {
    const idle = new Promise<void>((resolve) => {
      this.onIdle = resolve;
      if (this.openSpans === 0) resolve();
    });
    await endsWithin(idle, OPEN_SPANS_TIMEOUT_MS);
    // The collector may be unavailable, which has been logged.
    await endsWithin(this.provider.shutdown(), STOP_TIMEOUT_MS).catch(() => false);
  }
}

function toContext(parent: TraceContext | null): Context {
  if (parent === null) return ROOT_CONTEXT;
  const { traceId, spanId, isSampled } = parent;
  return trace.setSpanContext(ROOT_CONTEXT, {
    traceId,
    spanId,
    traceFlags: isSampled ? TraceFlags.SAMPLED : TraceFlags.NONE,
    isRemote: true,
  });
}

/** Names the error by its code or type: its message may hold what a client sent. */
function setError(span: OtelSpan, error: unknown): void {
  const type = isServiceException(error) ? error.code : error instanceof Error ? error.name : String(error);
  span.setStatus({ code: SpanStatusCode.ERROR, message: type });
  span.setAttribute('error.type', type);
}

/** Logs that spans are lost, once a minute: the reason is a collector that does not answer, or too many spans. */
function reportProblems(logger: Logger): void {
  let lastMs = -Infinity;
  const warn = (message: string): void => {
    if (performance.now() - lastMs < WARN_EVERY_MS) return;
    lastMs = performance.now();
    const reason = /"message":"([^"]*)"/.exec(message)?.[1] ?? message.slice(0, MAX_REASON_CHARACTERS);
    logger.warn(`Spans are lost, check OTEL_EXPORTER_OTLP_ENDPOINT and its collector: ${reason}`);
  };
  const ignore = (): void => undefined;
  diag.setLogger(
    { error: warn, warn, info: ignore, debug: ignore, verbose: ignore },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  );
}
