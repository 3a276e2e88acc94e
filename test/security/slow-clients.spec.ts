import { randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';

import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';

import { Deployment } from '../support/deployment.js';
import { event } from '../support/events.js';
import { postJson, request, type Answer, type RequestOptions } from '../support/http.js';
import { sleep, waitFor } from '../support/processes.js';
import type { Service } from '../support/service.js';
import { residentMib } from './support/process-memory.js';
import { allOk, BOUND_MS, expectTimely, freshAddress, statusesOf } from './support/timely.js';
import { exchange, RawConnection, type Exchange } from './support/wire.js';

const MIB = 1024 * 1024;
/** The service allows 15 s for a request and checks once a second; the rest is for a busy machine. */
const CUT_OFF_MS = 25_000;

jest.setTimeout(60_000);

let deployment: Deployment;
let service: Service;

beforeAll(async () => {
  deployment = await Deployment.create();
  service = await deployment.start({ TRUSTED_PROXIES: '127.0.0.1' });
});

afterAll(async () => {
  const output = service?.output();
  expect(await deployment?.remove()).toEqual([0]);
  expect(output).not.toContain('failed unexpectedly');
});

const get = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`;
/** Exceeds what the buffers of a socket hold, so that all answers behind it wait. */
const bundles = get('/api/docs/swagger-ui-bundle.js').repeat(10);
function send(body: unknown, options: RequestOptions = {}): Promise<Answer> {
  return expectTimely(postJson(`${service.url}/analytics/events`, body, options));
}

describe('slow clients', () => {
  /** Writes a few bytes at intervals until the service closes the connection. */
  async function sendSlowly(head: string, drip: string, everyMs: number): Promise<Exchange> {
    const connection = await RawConnection.open(service.url);
    connection.write(head);
    const timer = setInterval(() => connection.write(drip), everyMs);
    const result = await connection.settled({ timeoutMs: CUT_OFF_MS + 5_000 });
    clearInterval(timer);
    connection.destroy();
    return result;
  }

  const head = (headers: string): string =>
    `POST /analytics/events HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n${headers}`;
  const compressedHead =
    head('Content-Length: 900000\r\nContent-Encoding: gzip\r\n\r\n') +
    gzipSync('{}').subarray(0, 10).toString('latin1');
  const attacks: readonly (readonly [name: string, head: string, drip: string])[] = [
    ['the request line', 'GET /', 'x'],
    ['the headers', head('X-Slow: '), 'x'],
    ['header by header', head(''), 'X-A: 1\r\n'],
    ['the body', head(`Content-Length: 900000\r\n\r\n{"events":[`), ' '],
    ['the body, in chunks', head('Transfer-Encoding: chunked\r\n\r\n'), '1\r\n \r\n'],
    ['a gzip body', compressedHead, ''],
    // The body becomes invalid while it arrives: the service answers 400 and closes the connection.
    ['an invalid gzip body', `${compressedHead.slice(0, -10)}\x1f\x8b`, '\x00'],
    ['the body after 100-continue', head(`Content-Length: 900000\r\nExpect: 100-continue\r\n\r\n`), ' '],
    ['the end of the body', head(`Content-Length: 14\r\n\r\n{"events":[]}`), ''],
    ['nothing at all', '', ''],
  ];

  it('are disconnected within 25 s, with 408 after a request line, and delay no other client', async () => {
    const slow = attacks.map(async ([name, start, drip]) => ({
      name,
      ...(await sendSlowly(start, drip, 500)),
    }));
    const crowd = await Promise.all(Array.from({ length: 400 }, () => RawConnection.open(service.url)));
    const others: number[] = [];
    let going = true;
    const asking = (async () => {
      while (going) {
        const answer = await send({ events: [event()] });
        expect(answer.status).toBe(200);
        others.push(answer.milliseconds);
        await sleep(200);
      }
    })();
    const results = await Promise.all(slow);
    const idle = await Promise.all(crowd.map((connection) => connection.settled({ timeoutMs: CUT_OFF_MS })));
    going = false;
    await asking;

    for (const { name, closed, milliseconds, answers } of results) {
      expect({ name, closed }).toEqual({ name, closed: true });
      expect(milliseconds).toBeLessThan(CUT_OFF_MS);
      for (const { status, text } of answers) {
        const isBroken = name.startsWith('an invalid');
        expect({ name, status }).toEqual({ name, status: isBroken ? 400 : 408 });
        expect(JSON.parse(text)).toMatchObject({ code: isBroken ? 'request_malformed' : 'request_timeout' });
      }
    }
    expect(results.filter(({ answers }) => answers.length === 1).length).toBeGreaterThanOrEqual(7);
    expect(idle.filter(({ closed }) => !closed)).toEqual([]);
    expect(others.length).toBeGreaterThan(20);
  });

  it('that announce large bodies do not block other clients', async () => {
    const announcing = await Promise.all(
      Array.from({ length: 150 }, async (_, i) => {
        const connection = await RawConnection.open(service.url);
        connection.write(
          i % 2 === 0
            ? head(`Content-Length: ${MIB}\r\n\r\n{"events":[`)
            : head('Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n'),
        );
        return connection;
      }),
    );
    try {
      await sleep(500);
      const outcome = await statusesOf(5, () => send({ events: [event()] }));
      expect(outcome).toEqual(allOk(5));
      expect((await request(`${service.url}/health/live`)).status).toBe(200);
    } finally {
      for (const connection of announcing) connection.destroy();
    }
    // Closed connections release their share of the limit.
    await waitFor(async () => (await send({ events: [event()] })).status === 200, BOUND_MS);
  });

  /** Sends unfinished bodies from one address, and expects that other clients are served. */
  async function sendUnfinishedBodies(connections: number, begin: string, body: Uint8Array): Promise<void> {
    const before = residentMib(service.pid);
    const address = freshAddress();
    const crowd = await Promise.all(
      Array.from({ length: connections }, async () => {
        const connection = await RawConnection.open(service.url);
        connection.write(head(`X-Forwarded-For: ${address}\r\n${begin}`));
        return connection;
      }),
    );
    try {
      await sleep(200);
      for (const connection of crowd) connection.write(body);
      let peak = 0;
      const statusesOfOthers: number[] = [];
      for (let i = 0; i < 20; i++) {
        await sleep(100);
        const headers = { 'x-forwarded-for': freshAddress() };
        const batch = await send({ events: [event()] }, { headers });
        const health = await expectTimely(request(`${service.url}/health/live`));
        statusesOfOthers.push(batch.status, health.status);
        peak = Math.max(peak, residentMib(service.pid));
      }
      expect(statusesOfOthers).toEqual(allOk(40));
      expect(peak - before).toBeLessThan(250);
      // The service keeps 64 MiB of unfinished bodies and answers the evicted requests with 503.
      const answers = (await Promise.all(crowd.map((each) => each.settled({ timeoutMs: 1 })))).flatMap(
        (each) => each.answers,
      );
      expect(answers.length).toBeGreaterThan(connections - 80);
      for (const { status, text } of answers) {
        expect(status).toBe(503);
        expect(JSON.parse(text)).toMatchObject({ code: 'overloaded' });
      }
    } finally {
      for (const connection of crowd) connection.destroy();
    }
  }

  it('that withhold the last byte of 1 MiB neither exhaust memory nor block other clients', async () => {
    await sendUnfinishedBodies(400, `Content-Length: ${MIB}\r\n\r\n`, Buffer.alloc(MIB - 1, ' '));
  });

  it('that withhold the end of a gzip body neither exhaust memory nor block other clients', async () => {
    const text = Buffer.concat([
      Buffer.from(randomBytes(6 * 1024).toString('latin1'), 'latin1'),
      Buffer.alloc(MIB - 6 * 1024, ' '),
    ]);
    const compressed = gzipSync(text).subarray(0, -8);
    expect(text.length / compressed.length).toBeLessThan(200);
    const chunk = Buffer.concat([
      Buffer.from(`${compressed.length.toString(16)}\r\n`),
      compressed,
      Buffer.from('\r\n'),
    ]);
    await sendUnfinishedBodies(400, 'Content-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n', chunk);
  });

  it('that do not read responses hold no slot that other clients need', async () => {
    const batch = JSON.stringify({ events: [event()] });
    const unread = await Promise.all(
      Array.from({ length: 80 }, async () => {
        const connection = await RawConnection.open(service.url);
        connection.pause();
        // The responses exceed the socket buffer, so the answer to the last request cannot be sent.
        connection.write(
          'GET /api/docs/swagger-ui-bundle.js HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(10) +
            head(`Content-Length: ${batch.length}\r\n\r\n${batch}`),
        );
        return connection;
      }),
    );
    try {
      await sleep(2_000);
      expect(await statusesOf(5, () => send({ events: [event()] }))).toEqual(allOk(5));
    } finally {
      for (const connection of unread) connection.destroy();
    }
  });

  /** Lists what each of many connections sends at once. */
  const unreadRequests: readonly (readonly [name: string, requests: readonly string[]])[] = [
    [
      'pipeline requests',
      ['/api/docs-json', '/api/docs/swagger-ui-bundle.js', '/metrics', '/health/live'].map((path) =>
        get(path).repeat(200),
      ),
    ],
    ['pipeline malformed addresses', [bundles, 'GET /% HTTP/1.1\r\n\r\n'.repeat(3_000)]],
    ['pipeline unknown expectations', [bundles, 'GET / HTTP/1.1\r\nExpect: x\r\n\r\n'.repeat(1_500)]],
  ];

  it.each(unreadRequests)(
    'that %s and read no response neither exhaust memory nor block other clients',
    async (_name, requests) => {
      const before = residentMib(service.pid);
      const closedBefore = await closedForUnread();
      const batch = { events: [event()] };
      const crowd = await Promise.all(Array.from({ length: 30 }, () => RawConnection.open(service.url)));
      try {
        for (const connection of crowd) connection.pause();
        for (const request of requests) for (const connection of crowd) connection.write(request);
        let peak = 0;
        for (let i = 0; i < 20; i++) {
          await sleep(100);
          peak = Math.max(peak, residentMib(service.pid));
        }
        // A refusal for want of places is an answer, too: what was sent ahead has been begun.
        await waitFor(
          async () => (await postJson(`${service.url}/analytics/events`, batch)).status === 200,
          BOUND_MS,
        );
        peak = Math.max(peak, residentMib(service.pid));
        expect(peak - before).toBeLessThan(400);
        expect((await closedForUnread()) - closedBefore).toBeGreaterThan(0);
      } finally {
        for (const connection of crowd) connection.destroy();
      }
      // Closed connections release their share of the limit.
      const { answers } = await exchange(service.url, get('/health/live').repeat(1_000), {
        answers: 1_000,
        timeoutMs: 20_000,
      });
      expect(answers).toHaveLength(1_000);
    },
  );

  async function closedForUnread(): Promise<number> {
    const { text } = await request(`${service.url}/metrics`);
    return Number(/^analytics_requests_limited_total\{by="connection"\} (\d+)$/m.exec(text)?.[1]);
  }
});
