import { boolean, checkedText, integer, oneOf, secret, text } from './value-types.js';
import { optional, withDefault, type Section } from './variable.js';

export const OTLP_PROTOCOLS = ['http/protobuf', 'http/json'] as const;
export type OtlpProtocol = (typeof OTLP_PROTOCOLS)[number];

export const TRACE_SAMPLERS = [
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
  'always_on',
  'always_off',
  'traceidratio',
] as const;
export type TraceSampler = (typeof TRACE_SAMPLERS)[number];

const HTTP_URL = checkedText(
  { en: '`http://` or `https://` URL', zh: '`http://` 或 `https://` 地址' },
  'be an http:// or https:// URL',
  (value) => URL.canParse(value) && /^https?:$/.test(new URL(value).protocol),
);

const RATIO = checkedText({ en: 'number, 0 to 1', zh: '0 至 1 的数' }, 'be a number from 0 to 1', (value) => {
  const ratio = Number(value);
  return ratio >= 0 && ratio <= 1;
});

const PAIRS = checkedText(
  { en: '`name=value,…`, values percent-encoded', zh: '`name=value,…`，值须百分号编码' },
  'be name=value pairs, separated by commas',
  (value) => value.split(',').every((pair) => /^\s*[^\s=]+\s*=/.test(pair) && isDecodable(pair)),
);

function isDecodable(pair: string): boolean {
  try {
    decodeURIComponent(pair);
    return true;
  } catch {
    return false;
  }
}

/** Names and meanings are those of the OpenTelemetry specification. */
export const tracingSection = {
  title: { en: 'Traces (OpenTelemetry)', zh: '链路追踪（OpenTelemetry）' },
  variables: {
    OTEL_EXPORTER_OTLP_ENDPOINT: optional(HTTP_URL, {
      example: 'http://collector:4318',
      unset: { en: 'no traces, and no library for them is loaded', zh: '不追踪，也不加载相关库' },
      en: 'Base URL of an OTLP/HTTP collector, such as `http://collector:4318`. Spans are posted to `/v1/traces` below it.',
      zh: 'OTLP/HTTP 收集器的基础地址，例如 `http://collector:4318`。Span 发送到其下的 `/v1/traces`。',
    }),
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: optional(HTTP_URL, {
      example: 'http://collector:4318/v1/traces',
      unset: { en: 'below `OTEL_EXPORTER_OTLP_ENDPOINT`', zh: '位于 `OTEL_EXPORTER_OTLP_ENDPOINT` 之下' },
      en: 'Whole URL that spans are posted to.',
      zh: '接收 Span 的完整地址。',
    }),
    OTEL_EXPORTER_OTLP_PROTOCOL: withDefault(oneOf(OTLP_PROTOCOLS), {
      default: 'http/protobuf',
      en: 'Encoding of the posts.',
      zh: '发送时的编码。',
    }),
    OTEL_EXPORTER_OTLP_HEADERS: optional(secret(PAIRS), {
      example: 'x-team=presence',
      unset: { en: 'none', zh: '无' },
      en: 'Headers of the posts, such as a key of the collector.',
      zh: '发送时附带的请求头，例如收集器的密钥。',
    }),
    OTEL_EXPORTER_OTLP_TIMEOUT: withDefault(integer(100, 60_000), {
      default: 10_000,
      en: 'Milliseconds after which a post is given up.',
      zh: '一次发送的超时毫秒数。',
    }),
    OTEL_SERVICE_NAME: withDefault(text({ en: 'text', zh: '文本' }), {
      default: 'analytics-presence',
      en: 'Name of the service in traces.',
      zh: '链路中的服务名。',
    }),
    OTEL_RESOURCE_ATTRIBUTES: optional(PAIRS, {
      example: 'deployment.environment.name=staging',
      unset: { en: 'none', zh: '无' },
      en: 'Further attributes of the service in traces, such as `deployment.environment.name=staging`.',
      zh: '链路中服务的其他属性，例如 `deployment.environment.name=staging`。',
    }),
    OTEL_TRACES_SAMPLER: withDefault(oneOf(TRACE_SAMPLERS), {
      default: 'parentbased_always_on',
      en: 'Which traces are recorded. With `parentbased_…` a caller’s `traceparent` decides; do not let strangers decide so.',
      zh: '记录哪些链路。`parentbased_…` 由调用方的 `traceparent` 决定；不要把决定权交给不可信的调用方。',
    }),
    OTEL_TRACES_SAMPLER_ARG: withDefault(RATIO, {
      default: '1',
      en: 'Share of new traces that is recorded, for samplers by `traceidratio`.',
      zh: '`traceidratio` 采样器记录的新链路比例。',
    }),
    OTEL_SDK_DISABLED: withDefault(boolean(), {
      default: false,
      en: 'Switches traces off whatever the other variables say.',
      zh: '无论其他变量如何设置，一律关闭追踪。',
    }),
  },
} satisfies Section;
