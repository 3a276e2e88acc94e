import { splitList } from './split-list.js';
import type { Environment } from './variables/catalogue.js';
import type { OtlpProtocol, TraceSampler } from './variables/tracing.variables.js';

export interface TracingConfig {
  /** URL that spans are posted to. */
  readonly url: string;
  readonly protocol: OtlpProtocol;
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly serviceName: string;
  readonly resourceAttributes: Readonly<Record<string, string>>;
  readonly sampler: TraceSampler;
  /** Share of new traces that is recorded, for samplers by ratio. */
  readonly ratio: number;
}

/** @returns null when nothing is traced */
export function tracingConfig(env: Environment): TracingConfig | null {
  const base = env.OTEL_EXPORTER_OTLP_ENDPOINT;
  const url =
    env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ??
    (base === undefined ? undefined : `${base.replace(/\/+$/, '')}/v1/traces`);
  if (url === undefined || env.OTEL_SDK_DISABLED || env.OTEL_TRACES_SAMPLER === 'always_off') return null;
  return Object.freeze({
    url,
    protocol: env.OTEL_EXPORTER_OTLP_PROTOCOL,
    headers: toPairs(env.OTEL_EXPORTER_OTLP_HEADERS),
    timeoutMs: env.OTEL_EXPORTER_OTLP_TIMEOUT,
    serviceName: env.OTEL_SERVICE_NAME,
    resourceAttributes: toPairs(env.OTEL_RESOURCE_ATTRIBUTES),
    sampler: env.OTEL_TRACES_SAMPLER,
    ratio: Number(env.OTEL_TRACES_SAMPLER_ARG),
  });
}

/** Reads `name=value,name=value`, whose values may be percent-encoded. */
function toPairs(text: string | undefined): Readonly<Record<string, string>> {
  return Object.fromEntries(
    splitList(text).map((pair) => {
      const at = pair.indexOf('=');
      return [pair.slice(0, at).trim(), decodeURIComponent(pair.slice(at + 1).trim())];
    }),
  );
}
