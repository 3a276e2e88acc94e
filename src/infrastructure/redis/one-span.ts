import type { ITracer, SpanOptions } from '../../application/ports/tracer.port.js';
import { currentContext, runWork } from '../../shared/context/work-context.js';

/**
 * Runs commands to many keys as one span. A span for each command would fill the queue of spans: a request may
 * write, and a count reads, a thousand shards.
 */
export function runAsOneSpan<T>(
  tracer: ITracer,
  name: string,
  attributes: NonNullable<SpanOptions['attributes']>,
  work: () => Promise<T>,
): Promise<T> {
  if (!tracer.isRecording) return work();
  const { requestId = null } = currentContext() ?? {};
  // Commands outside of a trace have no spans.
  const untraced = (): Promise<T> => runWork({ requestId, trace: null }, work);
  return tracer.run(name, { kind: 'client', attributes }, untraced);
}
