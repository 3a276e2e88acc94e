import { describe, expect, it } from '@jest/globals';

import { checkEnvironment, parseEnvironment } from '../../../src/config/environment.js';
import { tracingConfig } from '../../../src/config/tracing.config.js';

const ENDPOINT = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318/' };

function configOf(raw: Readonly<Record<string, string>>) {
  return tracingConfig(parseEnvironment(raw));
}

describe('the configuration of traces', () => {
  it('is off without an endpoint, and where a variable switches it off', () => {
    expect(configOf({})).toBeNull();
    expect(configOf({ ...ENDPOINT, OTEL_SDK_DISABLED: 'true' })).toBeNull();
    expect(configOf({ ...ENDPOINT, OTEL_TRACES_SAMPLER: 'always_off' })).toBeNull();
  });

  it('posts below the endpoint with the defaults of OpenTelemetry', () => {
    expect(configOf(ENDPOINT)).toEqual({
      url: 'http://collector:4318/v1/traces',
      protocol: 'http/protobuf',
      headers: {},
      timeoutMs: 10_000,
      serviceName: 'analytics-presence',
      resourceAttributes: {},
      sampler: 'parentbased_always_on',
      ratio: 1,
    });
  });

  it('reads every variable', () => {
    expect(
      configOf({
        OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://traces.example.com/in',
        OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
        OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20abc, x-team=a=b',
        OTEL_EXPORTER_OTLP_TIMEOUT: '500',
        OTEL_SERVICE_NAME: 'presence',
        OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=staging',
        OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
        OTEL_TRACES_SAMPLER_ARG: '0.25',
      }),
    ).toEqual({
      url: 'https://traces.example.com/in',
      protocol: 'http/json',
      headers: { authorization: 'Bearer abc', 'x-team': 'a=b' },
      timeoutMs: 500,
      serviceName: 'presence',
      resourceAttributes: { 'deployment.environment.name': 'staging' },
      sampler: 'parentbased_traceidratio',
      ratio: 0.25,
    });
  });

  it.each([
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'collector:4318'],
    ['OTEL_EXPORTER_OTLP_PROTOCOL', 'grpc'],
    ['OTEL_EXPORTER_OTLP_HEADERS', 'no-pair'],
    ['OTEL_EXPORTER_OTLP_HEADERS', 'secret=%zz'],
    ['OTEL_TRACES_SAMPLER', 'sometimes'],
    ['OTEL_TRACES_SAMPLER_ARG', '2'],
  ])('names %s when it is %s, without a secret', (name, value) => {
    const { problems } = checkEnvironment({ [name]: value });
    expect(problems).toEqual([expect.stringContaining(name)]);
    expect(problems.join()).not.toContain('secret=');
  });
});
