import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';

import { Deployment } from '../support/deployment.js';
import { event } from '../support/events.js';
import { postJson, request } from '../support/http.js';
import type { OwnerDatabase } from '../support/owner-database.js';
import type { Service } from '../support/service.js';
import { faultsOfProblem } from './support/problems.js';
import { residentMib } from './support/process-memory.js';
import { exchange, RawConnection, type Exchange, type WireAnswer } from './support/wire.js';

const SEED = 20_250_115;
/** Random input: number of runs, and of concurrent connections in each run. */
const RUNS = 60;
const CONNECTIONS_A_RUN = 50;
/** Bounds the end of a connection whose client has finished sending. */
const BOUND_MS = 10_000;
const PIPELINED = 1_000;
const MAX_GROWTH_MIB = 150;

jest.setTimeout(60_000);

let deployment: Deployment;
let service: Service;
let stored: OwnerDatabase;
let memoryBefore: number;

beforeAll(async () => {
  deployment = await Deployment.create();
  ({ stored } = deployment);
  service = await deployment.start();
  expect((await request(`${service.url}/health/ready`)).status).toBe(200);
  memoryBefore = residentMib(service.pid);
});

afterAll(async () => {
  expect(await deployment?.remove()).toEqual([0]);
});

/** Writes bytes, half-closes the connection, and expects that the service closes it. */
async function sendAndClose(data: string | Uint8Array): Promise<Exchange> {
  const result = await exchange(service.url, data, { end: true, timeoutMs: BOUND_MS });
  expect({ data: String(data).slice(0, 200), closed: result.closed }).toMatchObject({ closed: true });
  return result;
}

function faultsOf(answers: readonly WireAnswer[]): string[] {
  return answers.flatMap(({ status, headers, text }) => {
    if (status >= 500) return [`status ${status}: ${text}`];
    if (status < 400) return [];
    return faultsOfProblem({ status, contentType: headers['content-type'] ?? '', text });
  });
}

const batch = (): string => JSON.stringify({ events: [event()] });
const post = (headers: string, body: string): string =>
  `POST /analytics/events HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n${headers}\r\n\r\n${body}`;
const GET = 'GET /health/live HTTP/1.1\r\nHost: x\r\n';
const CHUNKED = 'Transfer-Encoding: chunked';

describe('malformed HTTP', () => {
  it.each([
    ['text', 'hello\r\n\r\n'],
    ['10,000 empty lines', '\r\n'.repeat(10_000)],
    ['zeros', Buffer.alloc(100_000)],
    ['TLS', Buffer.from('160301020001000001fc0303', 'hex')],
    ['the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['HTTP/2.0 in the request line', 'GET /nothing HTTP/2.0\r\nHost: x\r\n\r\n'],
    ['HTTP/9.9', 'GET / HTTP/9.9\r\nHost: x\r\n\r\n'],
    ['no version', 'GET / HTTP/\r\nHost: x\r\n\r\n'],
    ['an unknown method', 'FROBNICATE / HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['a method in lower case', 'get / HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['a method of 100 KB', `${'G'.repeat(100_000)} / HTTP/1.1\r\nHost: x\r\n\r\n`],
    ['a space in the target', 'GET /a b HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['NUL in the target', 'GET /\0 HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['a line break in the target', 'GET /\rX HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['NUL in a header', `${GET}X: a\0b\r\n\r\n`],
    ['NUL in the name of a header', `${GET}X\0Y: a\r\n\r\n`],
    ['CR alone in a header', `${GET}X: a\rY: b\r\n\r\n`],
    ['a header without a colon', `${GET}Nonsense\r\n\r\n`],
    ['a header without a name', `${GET}: nobody\r\n\r\n`],
    ['a space before the colon', `${GET}X : a\r\n\r\n`],
    ['a folded header', `${GET}X: a\r\n b\r\n\r\n`],
    ['a folded length', post('Content-Length:\r\n 2', '{}')],
    ['a header that begins with a space', `GET / HTTP/1.1\r\n Host: x\r\n\r\n`],
    ['a missing Host header', 'GET /health/live HTTP/1.1\r\n\r\n'],
    ['two Host headers', 'GET /health/live HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n'],
    ['an unknown expectation', `${GET}Expect: miracles\r\n\r\n`],
    ['a SOCKS greeting', Buffer.from([5, 1, 0])],
    ['a line of SMTP', 'EHLO evil.example\r\nMAIL FROM:<a@b>\r\n'],
    ['a command of Redis', '*1\r\n$8\r\nFLUSHALL\r\n'],
  ])('is rejected: %s', async (_, data) => {
    const { answers, received } = await sendAndClose(data);
    expect(faultsOf(answers)).toEqual([]);
    expect(answers.filter(({ status }) => status < 400)).toEqual([]);
    // The service sends an HTTP response or nothing.
    expect(received === '' || received.startsWith('HTTP/1.1 ')).toBe(true);
    expect(answers.length).toBeLessThanOrEqual(1);
  });

  it('smuggles no request behind ambiguous lengths and codings', async () => {
    const smuggled = post(`Content-Length: ${batch().length}`, batch());
    const length = smuggled.length + 5;
    const shapes: readonly (readonly [name: string, data: string])[] = [
      ['CL.TE', post(`Content-Length: ${length}\r\n${CHUNKED}`, `0\r\n\r\n${smuggled}`)],
      ['TE.CL', post(`${CHUNKED}\r\nContent-Length: 3`, `1\r\n{\r\n0\r\n\r\n${smuggled}`)],
      ['CL.CL', post(`Content-Length: 2\r\nContent-Length: ${2 + smuggled.length}`, `{}${smuggled}`)],
      ['CL, CL', post(`Content-Length: 2, ${2 + smuggled.length}`, `{}${smuggled}`)],
      ['TE twice', post(`${CHUNKED}\r\nTransfer-Encoding: identity`, `0\r\n\r\n${smuggled}`)],
      ['TE: identity', post('Transfer-Encoding: identity', `{}${smuggled}`)],
      ['TE: xchunked', post('Transfer-Encoding: xchunked', `0\r\n\r\n${smuggled}`)],
      ['TE: chunked, x', post('Transfer-Encoding: chunked, x', `0\r\n\r\n${smuggled}`)],
      ['TE: "chunked"', post('Transfer-Encoding: "chunked"', `0\r\n\r\n${smuggled}`)],
      ['TE with vertical tab', post('Transfer-Encoding:\x0bchunked', `0\r\n\r\n${smuggled}`)],
      ['TE with a blank', post('Transfer-Encoding : chunked', `0\r\n\r\n${smuggled}`)],
      ['TE folded', post('X: y\r\n Transfer-Encoding: chunked', `0\r\n\r\n${smuggled}`)],
      ['TE after a bare LF', post(`X: y\nTransfer-Encoding: chunked`, `0\r\n\r\n${smuggled}`)],
      ['TE and a CL of 0', post(`Content-Length: 0\r\n${CHUNKED}`, `0\r\n\r\n${smuggled}`)],
      ['CL with a plus', post('Content-Length: +2', `{}${smuggled}`)],
      ['CL with a blank inside', post('Content-Length: 2 0', `{}${smuggled}`)],
      ['CL with an underscore', post('Content_Length: 2\r\nContent-Length: 2x', `{}${smuggled}`)],
      ['a chunk size with 0x', post(CHUNKED, `0x2\r\n{}\r\n0\r\n\r\n${smuggled}`)],
      ['a chunk size of -1', post(CHUNKED, `-1\r\n{}\r\n0\r\n\r\n${smuggled}`)],
      ['a chunk size beyond 2^64', post(CHUNKED, `${'f'.repeat(17)}\r\n{}\r\n0\r\n\r\n${smuggled}`)],
      ['a chunk size with a blank', post(CHUNKED, `2 \n{}\r\n0\r\n\r\n${smuggled}`)],
      ['a chunk that is longer than it says', post(CHUNKED, `1\r\n{}}}\r\n0\r\n\r\n${smuggled}`)],
      ['a chunk that ends with a bare LF', post(CHUNKED, `2\n{}\n0\n\n${smuggled}`)],
      ['an extension with a bare LF', post(CHUNKED, `2;x\n{}\r\n0\r\n\r\n${smuggled}`)],
      [
        'CL in HTTP/1.0 with TE',
        post(CHUNKED, `0\r\n\r\n${smuggled}`).replace(
          'HTTP/1.1\r\nHost',
          'HTTP/1.0\r\nContent-Length: 4\r\nHost',
        ),
      ],
    ];
    const before = await stored.counts();
    for (const [name, data] of shapes) {
      const { answers } = await sendAndClose(data);
      expect({ name, faults: faultsOf(answers) }).toEqual({ name, faults: [] });
      // The service never parses the request that hides in the body.
      const statuses = answers.map(({ status }) => status);
      expect({ name, statuses }).toEqual({ name, statuses: [400] });
    }
    expect(await stored.counts()).toEqual(before);
  });

  it.each([
    ['an extension of a chunk of 1 MB', `1;${'x'.repeat(1_000_000)}\r\n{\r\n0\r\n\r\n`],
    ['trailers of 100 KB', `2\r\n{}\r\n0\r\n${'X: y\r\n'.repeat(20_000)}\r\n`],
    ['a hundred thousand chunks of one byte', `${'1\r\n \r\n'.repeat(100_000)}0\r\n\r\n`],
  ])('is rejected within 10 s: %s', async (_, body) => {
    const { answers, milliseconds } = await sendAndClose(post(CHUNKED, body));
    expect(faultsOf(answers)).toEqual([]);
    for (const { status } of answers) expect(status).toBeGreaterThanOrEqual(400);
    expect(milliseconds).toBeLessThan(BOUND_MS);
  });
});

describe('an interrupted request', () => {
  it('stores nothing wherever it ends', async () => {
    const before = await stored.counts();
    const whole = post(`Content-Length: ${batch().length}`, batch());
    const ends = Array.from({ length: whole.length - 1 }, (_, i) => i + 1);
    for (let i = 0; i < ends.length; i += 50) {
      const results = await Promise.all(
        ends.slice(i, i + 50).map((end) => sendAndClose(whole.slice(0, end))),
      );
      for (const { answers } of results) {
        expect(faultsOf(answers)).toEqual([]);
        for (const { status } of answers) expect(status).toBeGreaterThanOrEqual(400);
      }
    }
    expect(await stored.counts()).toEqual(before);
  });

  it('leaves the service healthy after 1,000 resets', async () => {
    const whole = post(`Content-Length: 100000`, '{"events":[');
    for (let i = 0; i < 1_000; i += 100) {
      const connections = await Promise.all(
        Array.from({ length: 100 }, () => RawConnection.open(service.url)),
      );
      for (const connection of connections) {
        connection.write(whole);
        connection.reset();
      }
    }
    expect((await postJson(`${service.url}/analytics/events`, { events: [event()] })).status).toBe(200);
  });
});

describe('a connection that is reset', () => {
  it.each([
    ['an incomplete request', `${GET}X-Part: `],
    ['a request', `${GET}\r\n`],
    ['pipelined requests', `${GET}\r\n`.repeat(50)],
    ['malformed HTTP', 'no HTTP at all\r\n\r\n'],
    ['headers that are too large', `${GET}X-Large: ${'x'.repeat(100_000)}\r\n\r\n`],
    ['an expectation', post('Content-Length: 2\r\nExpect: 200-ok', '{}')],
    ['an Upgrade', `${GET}Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n`],
    ['a CONNECT', 'CONNECT x:443 HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['a compressed body', post('Content-Length: 100\r\nContent-Encoding: gzip', 'no gzip')],
  ])('behind %s ends no process', async (_, bytes) => {
    for (let i = 0; i < 50; i++) {
      const connection = await RawConnection.open(service.url);
      connection.write(bytes);
      // Every other reset meets the service while it answers.
      if (i % 2 === 1) await new Promise((resolve) => setImmediate(resolve));
      connection.reset();
    }
    expect((await request(`${service.url}/health/live`)).status).toBe(200);
    expect(service.output()).not.toMatch(/Uncaught|Unhandled/);
  });
});

describe('unusual but valid HTTP', () => {
  it('answers 1,000 pipelined requests in order', async () => {
    const paths = Array.from({ length: PIPELINED }, (_, i) =>
      i % 3 === 0 ? '/health/live' : `/nothing/${i}`,
    );
    const data = paths.map((path) => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`).join('');
    const { answers, milliseconds } = await exchange(service.url, data, {
      answers: PIPELINED,
      timeoutMs: 20_000,
    });
    expect(answers.map(({ status }) => status)).toEqual(
      paths.map((path) => (path === '/health/live' ? 200 : 404)),
    );
    answers.forEach(({ status, text }, i) => {
      if (status === 404) expect(JSON.parse(text)).toMatchObject({ instance: paths[i] });
    });
    expect(milliseconds).toBeLessThan(20_000);
  });

  it('stores pipelined batches', async () => {
    const bodies = Array.from({ length: 50 }, () => batch());
    const { answers } = await exchange(
      service.url,
      bodies.map((body) => post(`Content-Length: ${Buffer.byteLength(body)}`, body)).join(''),
      { answers: bodies.length, timeoutMs: BOUND_MS },
    );
    expect(answers.map(({ text }) => JSON.parse(text) as unknown)).toEqual(
      bodies.map(() => ({ accepted: 1, duplicates: 0, failed: 0 })),
    );
  });

  it('answers HTTP/0.9 and HTTP/1.0 requests', async () => {
    for (const data of ['GET /health/live\r\n\r\n', 'GET /health/live HTTP/1.0\r\n\r\n']) {
      const { answers } = await sendAndClose(data);
      expect(
        answers.map(({ status }) => status).filter((status) => ![200, 400, 505].includes(status)),
      ).toEqual([]);
      expect(faultsOf(answers)).toEqual([]);
    }
  });

  it('accepts a request that arrives byte by byte', async () => {
    const connection = await RawConnection.open(service.url);
    const body = batch();
    for (const byte of post(`Content-Length: ${body.length}\r\nConnection: close`, body)) {
      connection.write(byte);
      await new Promise((resolve) => setImmediate(resolve));
    }
    const { answers } = await connection.settled({ timeoutMs: BOUND_MS });
    expect(answers).toMatchObject([{ status: 200 }]);
  });

  it('rejects methods without a route and echoes no header', async () => {
    for (const method of ['TRACE', 'TRACK', 'DEBUG', 'CONNECT', 'PROPFIND', 'MKCOL', 'SOURCE', 'BREW']) {
      const target = method === 'CONNECT' ? '127.0.0.1:22' : '/health/live';
      const { answers, received } = await sendAndClose(
        `${method} ${target} HTTP/1.1\r\nHost: x\r\nCookie: secret-of-a-cookie\r\n\r\n`,
      );
      expect({ method, faults: faultsOf(answers) }).toEqual({ method, faults: [] });
      expect(answers.filter(({ status }) => status < 400)).toEqual([]);
      expect(received).not.toContain('secret-of-a-cookie');
    }
  });

  it('ignores Upgrade requests', async () => {
    for (const protocol of ['websocket', 'h2c', 'TLS/1.0']) {
      const { answers } = await exchange(
        service.url,
        `${GET}Connection: Upgrade\r\nUpgrade: ${protocol}\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: eA==\r\n\r\n`,
        { answers: 1, timeoutMs: BOUND_MS },
      );
      expect(answers).toMatchObject([{ status: 200, text: '{"status":"ok"}' }]);
    }
  });
});

describe('random input', () => {
  /** Pieces that a mutation inserts into a valid request. */
  const piece = fc.constantFrom(
    ...[
      '\r\n',
      '\n',
      '\r',
      '\0',
      ' ',
      '\t',
      ':',
      ';',
      '\r\n\r\n',
      '0\r\n\r\n',
      'HTTP/1.1',
      'GET ',
      'POST / ',
    ],
    ...['Content-Length: 5\r\n', 'Transfer-Encoding: chunked\r\n', 'Host: y\r\n', 'Expect: 100-continue\r\n'],
    ...[
      'Connection: close\r\n',
      'Connection: upgrade\r\n',
      '\xff\xfe',
      '{',
      '%',
      '/../',
      '*',
      'ffffffff\r\n',
    ],
  );
  const bytes = fc.uint8Array({ minLength: 1, maxLength: 300 }).map((array) => Buffer.from(array));
  const mutated = fc
    .tuple(
      fc.constantFrom(
        `${GET}\r\n`,
        post('Content-Length: 2', '{}'),
        post(CHUNKED, '2\r\n{}\r\n0\r\n\r\n'),
        'POST /presence/heartbeat HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n',
      ),
      fc.array(fc.tuple(fc.nat(400), fc.nat(12), fc.oneof(piece, fc.constant(''))), {
        minLength: 1,
        maxLength: 4,
      }),
    )
    .map(([base, edits]) => {
      let text = base;
      for (const [at, cut, put] of edits) {
        const position = at % text.length;
        text = text.slice(0, position) + put + text.slice(position + cut) || ' ';
      }
      return Buffer.from(text, 'latin1');
    });
  const run = fc.array(fc.oneof({ weight: 1, arbitrary: bytes }, { weight: 4, arbitrary: mutated }), {
    minLength: CONNECTIONS_A_RUN,
    maxLength: CONNECTIONS_A_RUN,
  });

  it(`ends all ${RUNS * CONNECTIONS_A_RUN} connections, with documented errors only`, async () => {
    const statuses = new Map<number, number>();
    const faults: string[] = [];
    await fc.assert(
      fc.asyncProperty(run, async (all) => {
        const results = await Promise.all(all.map((data) => sendAndClose(data)));
        results.forEach(({ answers }, i) => {
          for (const { status } of answers) statuses.set(status, (statuses.get(status) ?? 0) + 1);
          const found = faultsOf(answers);
          const [first] = answers;
          if (found.length > 0)
            faults.push(
              `${first?.status} (${found.join(', ')}): ${JSON.stringify(all[i]!.toString('latin1'))}`,
            );
        });
      }),
      { seed: SEED, numRuns: RUNS, endOnFailure: true },
    );
    expect({ count: faults.length, first: faults.slice(0, 10) }).toEqual({ count: 0, first: [] });
    expect(statuses.get(400)).toBeGreaterThan(RUNS);
  });
});

describe('the service after malformed input', () => {
  it('is ready, has freed its memory, and its log reports no unexpected error', async () => {
    expect((await request(`${service.url}/health/ready`)).status).toBe(200);
    expect((await postJson(`${service.url}/analytics/events`, { events: [event()] })).status).toBe(200);
    expect(residentMib(service.pid) - memoryBefore).toBeLessThan(MAX_GROWTH_MIB);
    expect(service.output()).not.toMatch(/failed unexpectedly|Uncaught|Unhandled/);
  });
});
