import type { TracingConfig } from '../../config/tracing.config.js';
import { NO_TRACER, type ITracer } from '../../application/ports/tracer.port.js';

/** Returns the configured tracer; without one, no library of OpenTelemetry is loaded. */
export async function openTracer(config: TracingConfig | null): Promise<ITracer> {
  if (config === null) return NO_TRACER;
  const { OtelTracer } = await import('./otel-tracer.js');
  return OtelTracer.open(config);
}
