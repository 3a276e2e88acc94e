import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';

import { Deployment } from '../support/deployment.js';
import { event, nowSeconds } from '../support/events.js';
import { expectProblem } from '../support/expect-problem.js';
import { postJson, request, signToken } from '../support/http.js';
import { startKafka, type ProxiedKafka } from '../support/kafka/cluster.js';
import { subscribe, type Subscriber } from '../support/kafka/subscriber.js';
import { makeTopic, produceRaw } from '../support/kafka/topics.js';
import { OtlpCollector } from '../support/otlp-collector.js';
import { waitFor } from '../support/processes.js';
import { runBuilt, startService, type Service, type Settings } from '../support/service.js';

type Line = Readonly<Record<string, unknown>>;

const SECRET = 'correlation-tests-sign-their-tokens-with-this';
const token = signToken({ userId: '7' }, { secret: SECRET });
const INTERNAL_KEY = 'the-key-of-the-gateways-of-the-platform';
const SESSION = 'analytics.session.started';

jest.setTimeout(120_000);

let deployment: Deployment;
let kafka: ProxiedKafka;
let subscriber: Subscriber;
let collector: OtlpCollector;
let service: Service;
const topic = `e2e-correlation-${randomUUID()}`;
const identityTopic = `e2e-correlation-identity-${randomUUID()}`;

beforeAll(async () => {
  [deployment, kafka, collector] = await Promise.all([
    Deployment.create({ redis: true }),
    startKafka(),
    OtlpCollector.start(),
  ]);
  await makeTopic(kafka.brokers, identityTopic);
  subscriber = await subscribe(kafka.brokers, topic);
  service = await startService({
    env: { ...productive(), ACCESS_LOG: 'true', OTEL_EXPORTER_OTLP_ENDPOINT: collector.url },
  });
});

afterAll(async () => {
  await service?.stop();
  await subscriber?.close();
  await deployment?.remove();
  await kafka?.stop();
  await collector?.stop();
});

function productive(): Settings {
  return {
    ...deployment.settings,
    NODE_ENV: 'production',
    HOST: '127.0.0.1',
    JWT_SECRET: SECRET,
    INTERNAL_API_KEY: INTERNAL_KEY,
    SHUTDOWN_GRACE_SECONDS: '0',
    KAFKA_BROKERS: kafka.brokers,
    KAFKA_TOPIC_ANALYTICS: topic,
    KAFKA_TOPIC_IDENTITY: identityTopic,
    KAFKA_CONSUMER_GROUP: `group-${topic}`,
  };
}

function linesOf(output: string): Line[] {
  return output
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
}

/** Waits for the line of a request in the access log. */
function accessLineOf(requestId: string): Promise<Line> {
  return waitFor(() =>
    linesOf(service.output()).find((line) => line['context'] === 'Access' && line['requestId'] === requestId),
  );
}

/** A trace that a caller has started. */
function callersTrace() {
  const traceId = randomUUID().replaceAll('-', '');
  const spanId = traceId.slice(0, 16).replace(/^0+/, '1').padEnd(16, '1');
  return { traceId, spanId, traceparent: `00-${traceId}-${spanId}-01` };
}

const anInstall = (): string => `install-${randomUUID()}`;

describe('a request', () => {
  it('keeps the id of its caller in the answer and in the log, and gets one where it has none', async () => {
    const id = `gateway:${randomUUID()}`;
    const headers = { 'x-request-id': id };
    const answer = await postJson(`${service.url}/analytics/events`, { events: [event()] }, { headers });
    expect(answer.headers.get('x-request-id')).toBe(id);
    expect(await accessLineOf(id)).toMatchObject({
      level: 'info',
      service: 'analytics-presence',
      method: 'POST',
      route: '/analytics/events',
      status: 200,
      durationMs: expect.any(Number),
      traceId: expect.stringMatching(/^[\da-f]{32}$/),
    });
    const other = await request(`${service.url}/presence/online-count`);
    expectProblem(other, 401, 'token_missing');
    expect(await accessLineOf(other.headers.get('x-request-id')!)).toMatchObject({ status: 401 });
  });

  it('leaves nothing personal in the access log', async () => {
    const install = anInstall();
    await postJson(`${service.url}/analytics/events?x=${install}`, {
      events: [event({ installId: install })],
    });
    await postJson(`${service.url}/presence/${install}`, {});
    expect(service.output()).not.toContain(install);
  });
});

describe('a trace', () => {
  it('leads from the request of an event through the flush to the message on Kafka', async () => {
    const { traceId, spanId, traceparent } = callersTrace();
    const install = anInstall();
    await postJson(
      `${service.url}/analytics/events`,
      { events: [event({ installId: install })] },
      { headers: { traceparent } },
    );
    const server = await collector.span('POST /analytics/events', traceId);
    const flush = await collector.span('flush events', traceId);
    const publish = await collector.span(`publish ${SESSION}`, traceId);
    expect(server.parentSpanId).toBe(spanId);
    expect(flush.parentSpanId).toBe(server.spanId);
    expect(publish.parentSpanId).toBe(flush.spanId);
    const message = await waitFor(() =>
      subscriber.received.find(({ value }) => JSON.stringify(value).includes(install)),
    );
    expect(message.headers['traceparent']).toBe(`00-${traceId}-${publish.spanId}-01`);
    // The place of the trace in the outbox is no part of the message.
    expect(JSON.stringify(message.value)).not.toContain(traceId);
    expect(collector.contentTypes).toEqual(new Set(['application/x-protobuf']));
    expect(collector.faults).toEqual([]);
  });

  it('leads from a heartbeat through Redis to its message', async () => {
    const { traceId, spanId, traceparent } = callersTrace();
    const body = { installId: anInstall(), appVersion: '1', clientTs: nowSeconds() };
    const headers = { traceparent };
    const answer = await postJson(`${service.url}/presence/heartbeat`, body, { token, headers });
    expect(answer.status).toBe(200);
    const server = await collector.span('POST /presence/heartbeat', traceId);
    expect(server.parentSpanId).toBe(spanId);
    expect((await collector.span('store heartbeat', traceId)).parentSpanId).toBe(server.spanId);
    await collector.span('redis zadd', traceId);
    const publish = await collector.span('publish presence.heartbeat.received', traceId);
    expect(publish.parentSpanId).toBe(server.spanId);
  });

  it('of a gateway’s request has few spans, however many users it names', async () => {
    const { traceId, traceparent } = callersTrace();
    const heartbeats = Array.from({ length: 1_000 }, (_, i) => ({ userId: String(i + 1) }));
    const headers = { traceparent, 'x-internal-api-key': INTERNAL_KEY };
    const answer = await postJson(`${service.url}/internal/presence/heartbeats`, { heartbeats }, { headers });
    expect(answer.status).toBe(200);
    const route = 'POST /internal/presence/heartbeats';
    const server = await collector.span(route, traceId);
    const names = ['store heartbeats', 'publish presence.heartbeat.received', 'redis count_request'];
    // The exporter may post the spans of one trace in several requests.
    for (const name of names) await collector.span(name, traceId);
    for (const name of names.slice(0, 2))
      expect((await collector.span(name, traceId)).parentSpanId).toBe(server.spanId);
    const spans = collector.spans.filter((span) => span.traceId === traceId).map(({ name }) => name);
    // A batch of messages ends with the buffer's bound, so a request may be published by two.
    expect([...new Set(spans)].sort()).toEqual([route, ...names].sort());
    expect(spans.length).toBeLessThanOrEqual(5);
  });

  it('goes on with a message of the Identity service', async () => {
    const { traceId, spanId, traceparent } = callersTrace();
    const value = {
      eventType: 'user.account.created',
      payload: { userId: '77', installId: anInstall() },
      occurredAt: new Date(nowSeconds() * 1000).toISOString(),
    };
    await produceRaw(kafka.brokers, identityTopic, [
      { key: 'user.account.created', value: JSON.stringify(value), headers: { traceparent } },
    ]);
    const process = await collector.span(`process ${identityTopic}`, traceId);
    expect(process.parentSpanId).toBe(spanId);
    expect((await collector.span('flush events', traceId)).parentSpanId).toBe(process.spanId);
  });

  it('begins with each job, such as the rollup', async () => {
    const rollup = await collector.span('job dau-rolling');
    expect(rollup.parentSpanId).toBe('');
  });

  it('has no span for probes and scrapes', async () => {
    await request(`${service.url}/health/live`);
    await request(`${service.url}/metrics`);
    const last = callersTrace();
    await request(`${service.url}/status`, { token, headers: { traceparent: last.traceparent } });
    await collector.span('GET /status', last.traceId);
    expect(collector.spans.filter(({ name }) => /^GET .*(health|metrics)/.test(name))).toEqual([]);
  });
});

describe('SIGUSR2', () => {
  it('says to which level it switches a running process', async () => {
    const announced = (level: string, times: number): Promise<boolean> =>
      waitFor(
        () =>
          linesOf(service.output()).filter(({ message }) =>
            String(message).startsWith(`SIGUSR2: the log level is ${level}`),
          ).length === times,
      );
    service.kill('SIGUSR2');
    await announced('debug', 1);
    service.kill('SIGUSR2');
    await announced('info', 1);
  });
});

describe('the variables of OpenTelemetry', () => {
  it('set the headers, the resource and the share of traces that the collector gets', async () => {
    const own = await OtlpCollector.start();
    const traced = await startService({
      env: {
        ...productive(),
        // A user that Redis does not know: heartbeats fail.
        REDIS_USERNAME: 'unknown',
        REDIS_PASSWORD: 'unknown',
        OTEL_EXPORTER_OTLP_ENDPOINT: own.url,
        OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20of-the-team',
        OTEL_SERVICE_NAME: 'presence-staging',
        OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=staging',
        OTEL_TRACES_SAMPLER: 'traceidratio',
        OTEL_TRACES_SAMPLER_ARG: '0.25',
      },
    });
    // The sampler takes a trace by the exclusive or of the four parts of its id.
    const [taken, left] = [`${'0'.repeat(31)}1`, `${'f'.repeat(8)}${'0'.repeat(23)}1`];
    const body = { installId: anInstall(), appVersion: '1', clientTs: nowSeconds() };
    for (const traceId of [taken, left]) {
      const headers = { traceparent: `00-${traceId}-${'1'.repeat(16)}-01` };
      await request(`${traced.url}/status`, { token, headers });
      const failing = await postJson(`${traced.url}/presence/heartbeat`, body, { token, headers });
      expectProblem(failing, 503, 'redis_unavailable');
    }
    expect(await traced.stop()).toBe(0);
    const spans = own.spans.filter(({ traceId }) => traceId === taken || traceId === left);
    expect(spans.map(({ traceId }) => traceId)).not.toContain(left);
    expect(spans).toContainEqual(expect.objectContaining({ name: 'GET /status', hasFailed: false }));
    expect(spans).toContainEqual(
      expect.objectContaining({ name: 'POST /presence/heartbeat', hasFailed: true }),
    );
    for (const { resource } of own.spans)
      expect(resource).toMatchObject({
        'service.name': 'presence-staging',
        'service.version': expect.any(String),
        'deployment.environment.name': 'staging',
      });
    for (const { authorization } of own.headers) expect(authorization).toBe('Bearer of-the-team');
    await own.stop();
  });
});

describe('a service that ends', () => {
  it('posts the spans that it still has', async () => {
    const ending = await startService({
      env: {
        ...productive(),
        OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
        OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
      },
    });
    const { traceId, traceparent } = callersTrace();
    await request(`${ending.url}/status`, { token, headers: { traceparent } });
    expect(await ending.stop()).toBe(0);
    expect(collector.spans.filter((span) => span.traceId === traceId).map(({ name }) => name)).toContain(
      'GET /status',
    );
    expect(collector.contentTypes).toContain('application/json');
  });

  it('ends in time, and loses no event, when the collector never answers', async () => {
    const deaf = await OtlpCollector.start({ answers: false });
    const ending = await startService({
      env: { ...productive(), OTEL_EXPORTER_OTLP_ENDPOINT: deaf.url },
    });
    const answer = await postJson(`${ending.url}/analytics/events`, { events: [event()] });
    expect(answer.body).toMatchObject({ accepted: 1 });
    expect(await ending.stop()).toBe(0);
    await deaf.stop();
  });
});

describe('without a collector', () => {
  it('a trace of the caller still reaches the log and the message', async () => {
    const plain = await startService({ env: { ...productive(), ACCESS_LOG: 'true' } });
    const { traceId, traceparent } = callersTrace();
    const install = anInstall();
    await postJson(
      `${plain.url}/analytics/events`,
      { events: [event({ installId: install })] },
      { headers: { traceparent } },
    );
    const message = await waitFor(
      () => subscriber.received.find(({ value }) => JSON.stringify(value).includes(install)),
      20_000,
    );
    // The relay of the other replica may have published it, under a span of its own.
    expect(message.headers['traceparent']).toMatch(new RegExp(`^00-${traceId}-`));
    expect(linesOf(plain.output())).toContainEqual(
      expect.objectContaining({ route: '/analytics/events', traceId }),
    );
    await plain.stop();
  });
});

describe('a start that fails in production', () => {
  it.each([
    ['a wrong configuration', { LOG_LEVEL: 'loud' }, /LOG_LEVEL must be one of/],
    ['a port that another program has', { PORT: 'taken' }, /Another program listens on this port/],
  ])('is logged as JSON (%s)', async (_case, { PORT: port, ...env }: Settings, message) => {
    const taken = port === undefined ? {} : { PORT: new URL(service.url).port };
    const { exitCode, output } = await runBuilt('src/main.js', [], { ...productive(), ...env, ...taken });
    expect(exitCode).toBe(1);
    const lines = linesOf(output);
    for (const line of lines)
      expect(line).toMatchObject({
        level: expect.any(String),
        time: expect.any(String),
        version: expect.any(String),
      });
    expect(lines).toContainEqual(
      expect.objectContaining({ level: 'error', message: expect.stringMatching(message) }),
    );
  });
});
