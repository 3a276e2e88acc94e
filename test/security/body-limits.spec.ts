import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';

import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';

import { Deployment } from '../support/deployment.js';
import { event, nowSeconds } from '../support/events.js';
import { expectProblem } from '../support/expect-problem.js';
import { postJson, request, signToken, type Answer } from '../support/http.js';
import type { Service } from '../support/service.js';
import { residentMib } from './support/process-memory.js';
import { BOUND_MS, expectTimely } from './support/timely.js';
import { exchange } from './support/wire.js';

const MIB = 1024 * 1024;
const JSON_BODY = { 'content-type': 'application/json' };
const GZIP = { ...JSON_BODY, 'content-encoding': 'gzip' };

jest.setTimeout(60_000);

const token = signToken({ userId: '5' });

let deployment: Deployment;
let service: Service;

beforeAll(async () => {
  deployment = await Deployment.create();
  service = await deployment.start({ TRUSTED_PROXIES: '127.0.0.1' });
});

afterAll(() => deployment?.remove());

function send(body: unknown): Promise<Answer> {
  return expectTimely(postJson(`${service.url}/analytics/events`, body));
}

describe('size limits', () => {
  const validBatch = (): string => JSON.stringify({ events: [event()] });
  const padded = (length: number): string => validBatch().padEnd(length, ' ');
  const heartbeat = (length: number): string =>
    JSON.stringify({ installId: 'install-of-limits', appVersion: '1', clientTs: nowSeconds() }).padEnd(
      length,
    );

  it('accept a batch of 1 MiB and reject one more byte with 413', async () => {
    expect((await send(padded(MIB))).status).toBe(200);
    expectProblem(await send(padded(MIB + 1)), 413, 'body_too_large');
  });

  it('accept a heartbeat of 4 KiB and reject one more byte with 413, plain or gzip', async () => {
    const beatOf = (body: string | Uint8Array, headers: Readonly<Record<string, string>>): Promise<Answer> =>
      expectTimely(request(`${service.url}/presence/heartbeat`, { method: 'POST', body, headers, token }));
    expect((await beatOf(heartbeat(4096), JSON_BODY)).status).toBe(200);
    expectProblem(await beatOf(heartbeat(4097), JSON_BODY), 413, 'body_too_large');
    expect((await beatOf(gzipSync(heartbeat(4096)), GZIP)).status).toBe(200);
    expectProblem(await beatOf(gzipSync(heartbeat(4097)), GZIP), 413, 'body_too_large');
    const slashed = await expectTimely(
      request(`${service.url}/presence/heartbeat/`, {
        method: 'POST',
        body: heartbeat(4097),
        headers: JSON_BODY,
        token,
      }),
    );
    expect([404, 413]).toContain(slashed.status);
  });

  it('reject a batch of 1,001 events', async () => {
    const events = Array.from({ length: 1001 }, () => event());
    expectProblem(await send({ events }), 400, 'batch_invalid');
  });

  it('return 431 for 20 KB of headers, one or many', async () => {
    for (const headers of [
      `X-Long: ${'x'.repeat(20_000)}`,
      Array.from({ length: 3_000 }, (_, i) => `X-${i}: 1`).join('\r\n'),
      `Cookie: ${'a=b; '.repeat(4_000)}`,
    ]) {
      const { answers, closed } = await exchange(
        service.url,
        `GET /health/live HTTP/1.1\r\nHost: x\r\n${headers}\r\n\r\n`,
      );
      expect(answers).toMatchObject([{ status: 431 }]);
      expect(JSON.parse(answers[0]!.text)).toMatchObject({ status: 431, code: 'headers_too_large' });
      expect(closed).toBe(true);
    }
  });

  it('return 431 for a target of 20 KB', async () => {
    const { answers } = await exchange(
      service.url,
      `GET /health/live?${'x'.repeat(20_000)} HTTP/1.1\r\nHost: x\r\n\r\n`,
    );
    expect(answers).toMatchObject([{ status: 431 }]);
  });

  it.each([
    ['100,000 brackets', '['.repeat(100_000), 'request_malformed'],
    ['100,000 closed brackets', '['.repeat(100_000) + ']'.repeat(100_000), 'batch_invalid'],
    ['100,000 objects', '{"a":'.repeat(100_000) + '1' + '}'.repeat(100_000), 'batch_invalid'],
    ['500,000 closed brackets', '['.repeat(500_000) + ']'.repeat(500_000), 'batch_invalid'],
    ['events nested 500,000 deep', `{"events":${'['.repeat(500_000)}${']'.repeat(500_000)}}`, null],
    ['a batch of nothing but commas', `{"events":[${','.repeat(1_000_000)}]}`, 'request_malformed'],
    ['a number of a million digits', `{"events":[],"sentAt":${'1'.repeat(1_000_000)}}`, 'batch_invalid'],
    ['a string of a million characters', `{"events":"${'x'.repeat(1_000_000)}"}`, 'batch_invalid'],
    ['a million escapes', `{"events":"${'\\u0000'.repeat(160_000)}"}`, 'batch_invalid'],
    ['100,000 keys', `{${Array.from({ length: 100_000 }, (_, i) => `"${i}":0`).join()}}`, 'batch_invalid'],
    [
      '100,000 times the same key',
      `{${Array.from({ length: 100_000 }, () => '"a":0').join()}}`,
      'batch_invalid',
    ],
    ['a million spaces', ' '.repeat(1_000_000), 'request_malformed'],
  ])('bound the cost of %s', async (_, body, code) => {
    const answer = await send(body);
    if (code === null) expect(answer).toMatchObject({ status: 200, body: { accepted: 0, failed: 1 } });
    else expectProblem(answer, 400, code);
    expect(answer.text.length).toBeLessThan(1_200);
  });

  it.each([
    ['properties with 1,000 keys', `{${Array.from({ length: 1_000 }, (_, i) => `"k${i}":0`).join()}}`],
    ['properties 17 levels deep', '{"a":'.repeat(17) + '{}' + '}'.repeat(17)],
    ['properties 100,000 levels deep', `{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`],
    ['properties of 33 KiB', JSON.stringify({ a: 'x'.repeat(33 * 1024) })],
    ['properties with a list of 200,000', `{"a":[${Array.from({ length: 200_000 }, () => '0').join()}]}`],
    ['properties with a name of 40 KiB', JSON.stringify({ ['x'.repeat(40_000)]: 1 })],
  ])('reject an event that has %s', async (_, properties) => {
    const text = JSON.stringify(event()).replace(/}$/, `,"properties":${properties}}`);
    const answer = await send(`{"events":[${text}]}`);
    expect(answer).toMatchObject({
      status: 200,
      body: { accepted: 0, failed: 1, rejected: [{ code: 'properties_invalid' }] },
    });
  });

  it.each(['eventName', 'installId', 'userId', 'eventId', 'clientTs'])(
    'reject a million characters as %s',
    async (field) => {
      const answer = await send({ events: [{ ...event(), [field]: '9'.repeat(1_000_000) }] });
      expect(answer).toMatchObject({ status: 200, body: { accepted: 0, failed: 1 } });
      expect(answer.text.length).toBeLessThan(1_000);
    },
  );
});

describe('gzip bodies', () => {
  const sendCompressed = (
    body: Uint8Array,
    headers: Readonly<Record<string, string>> = GZIP,
  ): Promise<Answer> =>
    expectTimely(request(`${service.url}/analytics/events`, { method: 'POST', body, headers }));
  const validBatch = (): string => JSON.stringify({ events: [event()] });

  it('return 413 when they expand beyond 1 MiB', async () => {
    expectProblem(await sendCompressed(gzipSync(validBatch().padEnd(MIB + 1, ' '))), 413, 'body_too_large');
  });

  it('are accepted up to 1 MiB, however well the events of an app compress', async () => {
    const properties = { heatmap: new Array<number>(350).fill(0) };
    const pageView = { ...event({ eventName: 'page_view', properties }), eventId: undefined };
    const text = JSON.stringify({ events: Array.from({ length: 1000 }, () => pageView) });
    const body = gzipSync(text, { level: 9 });
    expect(text.length / body.length).toBeGreaterThan(300);
    expect(await sendCompressed(body)).toMatchObject({ status: 200, body: { accepted: 1000 } });
  });

  it.each([
    ['/analytics/events', '1 MiB', 'split the batch'],
    ['/presence/heartbeat', '4 KiB', 'send the three fields alone'],
  ])('are told the limit and what to do at %s', async (path, limit, nextStep) => {
    const options = { method: 'POST', token: signToken({ userId: '1' }) };
    const body = Buffer.alloc(MIB + 1, ' ');
    const plain = await request(`${service.url}${path}`, { ...options, body, headers: JSON_BODY });
    expect(plain.body).toMatchObject({
      detail: `The body must have at most ${limit}, it has more: ${nextStep}`,
    });
    const compressed = await request(`${service.url}${path}`, {
      ...options,
      body: gzipSync(body),
      headers: GZIP,
    });
    expect(compressed.body).toMatchObject({
      detail: `The body must have at most ${limit} after decompression, it has more: ${nextStep}`,
    });
  });

  it('of 200 MB expanded, 40 at once, do not allocate that memory', async () => {
    const bomb = gzipSync(Buffer.alloc(200 * MIB, ' '), { level: 9 });
    const before = residentMib(service.pid);
    const answers = await Promise.all(Array.from({ length: 40 }, () => sendCompressed(bomb)));
    for (const answer of answers) expectProblem(answer, 413, 'body_too_large');
    expect(residentMib(service.pid) - before).toBeLessThan(200);
  });

  it('are decompressed once only', async () => {
    const inner = gzipSync(Buffer.alloc(100 * MIB, ' '));
    expectProblem(await sendCompressed(gzipSync(inner)), 400, 'request_malformed');
    for (const encoding of ['gzip, gzip', 'gzip,gzip', 'gzip, identity', 'br, gzip'])
      expectProblem(
        await sendCompressed(gzipSync(gzipSync(validBatch())), {
          ...JSON_BODY,
          'content-encoding': encoding,
        }),
        415,
        'content_type_unsupported',
      );
  });

  it.each([
    ['that is truncated', () => gzipSync(validBatch()).subarray(0, -9)],
    ['that ends after its first byte', () => gzipSync(validBatch()).subarray(0, 1)],
    ['that is empty', () => new Uint8Array(0)],
    ['that expands to nothing', () => gzipSync('')],
    [
      'with a wrong checksum',
      () => Buffer.concat([gzipSync(validBatch()).subarray(0, -8), Buffer.alloc(8, 1)]),
    ],
    ['with garbage in its middle', () => gzipSync(validBatch().padEnd(5_000, 'x')).fill(0xff, 30, 60)],
    ['that is deflate data', () => deflateSync(validBatch())],
    ['that is not compressed', () => Buffer.from(validBatch())],
  ])('return 400 for gzip %s', async (_, body) => {
    expectProblem(await sendCompressed(body()), 400, 'request_malformed');
  });

  it.each([
    ['br', brotliCompressSync],
    ['deflate', deflateSync],
    ['zstd', Buffer.from],
    ['compress', Buffer.from],
    ['x-unknown', Buffer.from],
    ['*', Buffer.from],
    ['gzip;q=1', gzipSync],
    ['../gzip', gzipSync],
  ] as const)('return 415 for Content-Encoding: %s', async (encoding, encode) => {
    const answer = await sendCompressed(encode(validBatch()), { ...JSON_BODY, 'content-encoding': encoding });
    expectProblem(answer, 415, 'content_type_unsupported');
  });

  it.each([
    ['of 50 MB expanded', Buffer.alloc(50 * MIB, ' ')],
    ['of 1 MiB and a byte expanded', Buffer.from(validBatch().padEnd(MIB + 1, ' '))],
  ])('return 413 in chunked encoding (%s)', async (_, text) => {
    const bomb = gzipSync(text, { level: 9 });
    expect(text.length / bomb.length).toBeGreaterThan(400);
    const head =
      'POST /analytics/events HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n' +
      'Content-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n';
    const body = Buffer.concat([
      Buffer.from(`${bomb.length.toString(16)}\r\n`),
      bomb,
      Buffer.from('\r\n0\r\n\r\n'),
    ]);
    const { answers, milliseconds } = await exchange(service.url, Buffer.concat([Buffer.from(head), body]), {
      answers: 1,
    });
    expect(answers).toMatchObject([{ status: 413 }]);
    expect(milliseconds).toBeLessThan(BOUND_MS);
  });
});

describe('Content-Length', () => {
  const post = (headers: string, body: string): string =>
    `POST /analytics/events HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n${headers}\r\n\r\n${body}`;

  it.each([
    ['beyond the limit', `Content-Length: ${MIB * 1024}`, '{"events":[]}', 413],
    ['of 30 digits', `Content-Length: ${'9'.repeat(30)}`, '{}', 400],
    ['negative', 'Content-Length: -1', '{}', 400],
    ['in words', 'Content-Length: two', '{}', 400],
    ['hexadecimal', 'Content-Length: 0x2', '{}', 400],
    ['with a sign', 'Content-Length: +2', '{}', 400],
    ['twice with different values', 'Content-Length: 2\r\nContent-Length: 3', '{} ', 400],
    ['as a list', 'Content-Length: 2, 2', '{}', 400],
    [
      'beside chunked encoding',
      'Content-Length: 2\r\nTransfer-Encoding: chunked',
      '2\r\n{}\r\n0\r\n\r\n',
      400,
    ],
  ])('%s is rejected at once', async (_, headers, body, status) => {
    const { answers, milliseconds } = await exchange(service.url, post(headers, body), { answers: 1 });
    expect(answers).toMatchObject([{ status }]);
    expect(milliseconds).toBeLessThan(BOUND_MS);
  });

  it('below the length of the body truncates it, and the connection is closed', async () => {
    const { answers, closed } = await exchange(
      service.url,
      post('Content-Length: 10', '{"events":[{"a":1}]}'),
    );
    expect(answers.map(({ status }) => status)).toEqual([400, 400].slice(0, answers.length));
    expect(closed).toBe(true);
  });
});
