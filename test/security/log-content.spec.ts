import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';

import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';

import { event, nowSeconds, shanghaiDay } from '../support/events.js';
import { expectProblem } from '../support/expect-problem.js';
import { postJson, request, signToken, type Answer, type RequestOptions } from '../support/http.js';
import { sleep, spawnProcess } from '../support/processes.js';
import { runBuilt, startService, type Service } from '../support/service.js';
import {
  expectNoControlCharacter,
  expectNoSecret,
  INTERNAL_KEY,
  SECRET,
  startLoggedServices,
  token,
  type LoggedServices,
} from './support/logged-services.js';
import { rawGet } from './support/raw-request.js';
import { exchange } from './support/wire.js';

/** Marks every text that must not reach a log. */
const MARK = 'FORGED-LINE';

jest.setTimeout(60_000);

let services: LoggedServices;
let developing: Service;
let productive: Service;

beforeAll(async () => {
  services = await startLoggedServices();
  ({ developing, productive } = services);
});

afterAll(() => services?.stop());

function send(service: Service, events: readonly unknown[], options: RequestOptions = {}): Promise<Answer> {
  return postJson(`${service.url}/analytics/events`, { events }, options);
}

describe('the log and the metrics', () => {
  const forgeries = [
    `\n${MARK}`,
    `\r\n[analytics-presence] 1  - 11/23/2026, 1:00:00 AM     LOG [Main] ${MARK}`,
    `"}\n{"level":"fatal","message":"${MARK}"}`,
    `\u001b[2J\u001b[1;31m${MARK}\u001b[0m`,
    `\u2028${MARK}\u2029`,
    `\u0085${MARK}`,
    `%0d%0a${MARK}`,
    `\\n${MARK}`,
    `\${jndi:ldap://127.0.0.1:9/${MARK}}`,
    `\u202e${MARK}`,
    `\0${MARK}`,
  ];
  const secretInstall = `install-${randomUUID()}`;
  const secretUser = '8070605040302010907';
  const secretToken = signToken({ userId: secretUser }, { secret: SECRET });
  const secretCookie = randomUUID();

  async function sendForgeries(service: Service): Promise<void> {
    for (const text of forgeries) {
      const encoded = encodeURIComponent(text);
      await send(service, [
        { ...event(), installId: `install ${text}` },
        { ...event(), eventName: text },
        { ...event(), userId: text },
        { ...event(), eventId: text },
        { ...event(), clientTs: text },
        { ...event(), properties: { [text]: text, province: text, os: text, appVersion: text } },
        text,
      ]);
      await Promise.all([
        postJson(
          `${service.url}/presence/heartbeat`,
          { installId: text.padEnd(20, 'x'), appVersion: text, clientTs: 1 },
          { token },
        ),
        postJson(`${service.url}/presence/heartbeat`, `{"installId":"${text}`, { token }),
        request(`${service.url}/${encoded}?x=${encoded}`, { method: 'GET' }),
        request(`${service.url}/analytics/dau?startDate=${encoded}&endDate=${encoded}`, { token }),
        request(`${service.url}/analytics/events`, { method: 'PUT', headers: { 'user-agent': encoded } }),
        // A raw connection sends the bytes unencoded.
        exchange(service.url, rawGet(`/${text}`), { timeoutMs: 2_000, answers: 1 }),
        exchange(
          service.url,
          rawGet('/nothing', `User-Agent: ${text}\r\nReferer: ${text}\r\nX-Request-Id: ${text}\r\n`),
          {
            timeoutMs: 2_000,
            answers: 1,
          },
        ),
        exchange(service.url, `${text} / HTTP/1.1\r\n\r\n`, { timeoutMs: 2_000, answers: 1 }),
        exchange(service.url, rawGet('/health/live').replace('Host: x', `Host: ${text}`), {
          timeoutMs: 2_000,
          answers: 1,
        }),
      ]);
    }
    const headers = { cookie: `session=${secretCookie}`, 'x-internal-api-key': INTERNAL_KEY };
    for (const bearer of [
      secretToken,
      `${secretToken}x`,
      signToken({ userId: secretUser }, { secret: SECRET, expiresInSeconds: -60 }),
    ]) {
      await send(
        service,
        [event({ installId: secretInstall }), { ...event({ installId: secretInstall }), eventName: '1' }],
        {
          token: bearer,
          headers,
        },
      );
      const body = { installId: secretInstall, appVersion: '1', clientTs: nowSeconds() };
      await postJson(`${service.url}/presence/heartbeat`, body, { token: bearer, headers });
      await request(`${service.url}/analytics/dau/realtime?token=${bearer}`, { token: bearer, headers });
      await request(
        `${service.url}/internal/analytics/dau?startDate=${shanghaiDay()}&endDate=${shanghaiDay()}`,
        { headers },
      );
    }
    await send(service, [event({ installId: secretInstall, userId: secretUser })]);
  }

  function expectNothingPersonal(output: string): void {
    expectNoSecret(output, [secretInstall, secretUser, secretCookie, secretToken]);
  }

  it('hold no forged line, no control character and no personal data in text', async () => {
    await sendForgeries(developing);
    const output = developing.output();
    expect(output).not.toContain(MARK);
    expectNoControlCharacter(output);
    expectNothingPersonal(output);
  });

  it('hold one JSON object a line in production, without forged lines and personal data', async () => {
    await sendForgeries(productive);
    const lines = productive.output().trim().split('\n');
    for (const line of lines)
      expect(JSON.parse(line)).toMatchObject({ level: expect.any(String), pid: expect.any(Number) });
    expect(productive.output()).not.toContain(MARK);
    expectNothingPersonal(productive.output());
  });

  it('keep the cardinality bounded and hold no name from a client', async () => {
    for (const service of [developing, productive]) {
      const { text } = await request(`${service.url}/metrics`);
      expect(text).not.toContain(MARK);
      expect(text).not.toContain(secretInstall);
      expectNothingPersonal(text);
      // Routes, methods and statuses bound the number of series.
      const series = text.split('\n').filter((line) => /^\w*http_request_duration_seconds_count/.test(line));
      expect(series.length).toBeGreaterThan(0);
      expect(series.length).toBeLessThan(240);
    }
  });

  it('report an unavailable database and Redis without their passwords', async () => {
    const password = 'p4ssw0rd-of-the-database';
    const outage = await startService({
      env: {
        DATABASE_URL: `postgresql://somebody:${password}@127.0.0.1:1/nowhere`,
        REDIS_HOST: services.deployment.redis.host,
        REDIS_PORT: String(services.deployment.redis.port),
        REDIS_PASSWORD: 'p4ssw0rd-of-the-redis',
        LOG_LEVEL: 'debug',
      },
    });
    const answer = await send(outage, [event()]);
    expectProblem(answer, 503, 'database_unavailable');
    const ready = await request(`${outage.url}/health/ready`);
    for (const text of [answer.text, ready.text, outage.output()]) expect(text).not.toMatch(/p4ssw0rd/);
    await outage.stop();
    expect(outage.output()).not.toMatch(/p4ssw0rd/);
  });
});

describe('a log whose reader has closed the pipe', () => {
  it('does not end the service, does not make it spin, and does not delay its exit', async () => {
    const service = spawnProcess(process.execPath, [resolve('dist/src/main.js')], {
      // This directory has no `.env`.
      cwd: '/',
      env: { NODE_ENV: 'test', PORT: '0', JWT_SECRET: SECRET, DATABASE_URL: 'postgresql://a@127.0.0.1:1/x' },
    });
    const [, url = ''] = await service.line(/Listening on (http:\/\/[\d.]+:\d+)/);
    service.child.stdout?.destroy();
    service.child.stderr?.destroy();
    // Each request makes the service write a log line.
    for (let i = 0; i < 3; i++)
      expectProblem(
        await postJson(`${url}/analytics/events`, { events: [event()] }),
        503,
        'database_unavailable',
      );
    const metric = async (name: string): Promise<number> =>
      Number(new RegExp(`^\\w*${name} ([\\d.e+-]+)`, 'm').exec((await request(`${url}/metrics`)).text)?.[1]);
    const before = await metric('process_cpu_seconds_total');
    await sleep(2_000);
    expect((await metric('process_cpu_seconds_total')) - before).toBeLessThan(1);
    expect(await service.end('SIGTERM')).toEqual({ code: 0, signal: null });
  });
});

describe('an invalid configuration', () => {
  it.each(['DATABASE_URL', 'DATABASE_MIGRATION_URL'])(
    'is reported without its secrets when %s cannot be parsed',
    async (name) => {
      const { exitCode, output } = await runBuilt('src/main.js', [], {
        DATABASE_URL: 'postgresql://somebody@127.0.0.1:1/x',
        [name]: 'postgresql://somebody:t0psecret@127.0.0.1:99999/x',
        LOG_LEVEL: 'debug',
      });
      expect(exitCode).toBe(1);
      expect(output).toContain(`${name} must be a URL`);
      expect(output).not.toMatch(/t0psecret|99999|ERR_INVALID_URL|\bat .+:\d+:\d+/);
    },
  );

  it.each([
    ['in production', { NODE_ENV: 'production' }],
    ['in development', { NODE_ENV: 'development' }],
  ])('is reported without its secrets %s', async (_, mode) => {
    const secrets = {
      JWT_SECRET: 'sh0rt-jwt',
      JWT_SECRET_PREVIOUS: 'sh0rt-previous',
      INTERNAL_API_KEY: 'sh0rt-key',
      DATABASE_URL: 'mysql://somebody:sh0rt-database@db/x',
      DATABASE_MIGRATION_URL: 'sh0rt-migration',
      REDIS_PASSWORD: 'sh0rt-redis',
      KAFKA_SASL_PASSWORD: 'sh0rt-kafka',
      KAFKA_SASL_MECHANISM: 'plain',
      KAFKA_BROKERS: 'somebody:sh0rt-broker@kafka',
      CORS_ORIGINS: 'https://somebody:sh0rt-origin@admin.example.com',
      TRUSTED_PROXIES: 'sh0rt-proxy',
      PORT: 'sh0rt-port',
    };
    const { exitCode, output } = await runBuilt('src/main.js', [], {
      ...secrets,
      ...mode,
      LOG_LEVEL: 'debug',
    });
    expect(exitCode).toBe(1);
    expect(output).toContain('DATABASE_URL');
    expect(output).not.toMatch(/sh0rt-(?!origin|proxy)/);
    // The report may name a host, but not the credentials before its @.
    expect(output).not.toContain('sh0rt-origin@');
    expect(output).not.toMatch(/\bat .+:\d+:\d+/);
  });
});
