import { get as httpGet, type IncomingHttpHeaders } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { Deployment } from '../support/deployment.js';
import { expectProblem } from '../support/expect-problem.js';
import { request, signToken, type Answer } from '../support/http.js';
import { waitFor } from '../support/processes.js';
import type { Service } from '../support/service.js';

const INTERNAL_KEY = 'the-key-of-the-reporting-service';
const DAYS = 'startDate=2025-01-01&endDate=2025-01-31';
const SPAN = 'startTime=2025-01-15T00:00:00Z&endTime=2025-01-16T00:00:00Z';
const READER = signToken({ userId: '1' });

/** Every route that reads figures, and whether its answer is of this very moment. */
const ROUTES: readonly (readonly [path: string, isLive: boolean])[] = [
  [`/analytics/dau?${DAYS}`, false],
  ['/analytics/dau/realtime', true],
  ['/presence/online-count', true],
  [`/presence/online-history?${SPAN}&interval=1m`, false],
  [`/presence/daily?${DAYS}`, false],
  [`/analytics/active-users?${DAYS}&interval=span&breakdown=city`, false],
  [`/analytics/rolling-active-users?${DAYS}`, false],
  [`/analytics/lifecycle?${DAYS}`, false],
  [`/analytics/retention?${DAYS}&cohort=active`, false],
  [`/internal/analytics/dau?${DAYS}`, false],
  [`/internal/presence/online-history?${SPAN}&interval=1m`, false],
  [`/internal/presence/daily?${DAYS}`, false],
  [`/internal/analytics/active-users?${DAYS}&interval=span&breakdown=city`, false],
  [`/internal/analytics/rolling-active-users?${DAYS}`, false],
  [`/internal/analytics/lifecycle?${DAYS}`, false],
  [`/internal/analytics/retention?${DAYS}&cohort=active`, false],
];

let deployment: Deployment;
let service: Service;

beforeAll(async () => {
  deployment = await Deployment.create({ redis: true });
  service = await deployment.start({ INTERNAL_API_KEY: INTERNAL_KEY });
  const { stored } = deployment;
  await stored.rows(`INSERT INTO analytics_daily_active_users (day, dau_count, dau_by_province, dau_by_city, calculated_at)
    SELECT day, 300, '{"广东省": 200, "浙江省": 50}', '{"深圳市": 100, "=HYPERLINK(\\"x\\")": 1}', '2025-02-01T00:00:00Z'
    FROM generate_series(date '2025-01-01', date '2025-01-31', interval '1 day') day`);
  await stored.rows(`INSERT INTO analytics_online_snapshots (ts, online_count)
    SELECT ts, 7 FROM generate_series(timestamptz '2025-01-15T00:00:00Z', timestamptz '2025-01-15T02:00:00Z', '1 min') ts`);
});

afterAll(async () => {
  expect(await deployment?.remove()).toEqual([0]);
});

function get(path: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
  return request(`${service.url}${path}`, {
    token: READER,
    headers: { 'x-internal-api-key': INTERNAL_KEY, 'accept-encoding': 'identity', ...headers },
  });
}

describe.each(ROUTES)('GET %s', (path, isLive) => {
  it('answers JSON that varies with Accept and Accept-Encoding, with an ETag', async () => {
    const { status, headers, body } = await get(path);
    expect({ status, type: headers.get('content-type') }).toEqual({
      status: 200,
      type: 'application/json; charset=utf-8',
    });
    expect(body).toEqual(expect.any(Object));
    expect(headers.get('vary')?.toLowerCase().split(/, */)).toEqual(
      expect.arrayContaining(['accept', 'accept-encoding']),
    );
    expect(headers.get('etag')).toMatch(/^W\/"[\w-]{22}"$/);
    expect(headers.get('cache-control')).toBe(isLive ? 'no-store' : 'private, no-cache');
  });

  it('answers CSV with a header and at least one row', async () => {
    const { status, headers, text } = await get(path, { accept: 'text/csv' });
    expect({ status, type: headers.get('content-type') }).toEqual({
      status: 200,
      type: 'text/csv; charset=utf-8; header=present',
    });
    expect(headers.get('content-disposition')).toMatch(/^attachment; filename="[a-z-]+\.csv"$/);
    const lines = text.split('\r\n');
    expect(lines.at(-1)).toBe('');
    expect(lines[0]).toMatch(/^[A-Za-z,]+$/);
    expect(lines.length).toBeGreaterThanOrEqual(3);
  });

  it('answers 304 to its own ETag unless it is of this very moment, as CSV too', async () => {
    for (const accept of isLive ? [] : ['application/json', 'text/csv']) {
      // The first rollup of the service may change an answer between the two requests.
      await waitFor(
        async () => {
          const etag = (await get(path, { accept })).headers.get('etag') ?? '';
          const again = await get(path, { accept, 'if-none-match': etag });
          return again.status === 304 && again.text === '';
        },
        10_000,
        { what: `304 for ${accept}` },
      );
    }
  });

  it('names the parameter when the byte order mark is neither wanted nor unwanted', async () => {
    expectProblem(await get(path, { accept: 'text/csv;bom=maybe' }), 400, 'request_invalid');
  });

  it('answers a problem in JSON although CSV was asked for', async () => {
    const { pathname } = new URL(path, service.url);
    expectProblem(await get(`${pathname}?nonsense=1`, { accept: 'text/csv' }), 400, 'request_invalid');
  });
});

const FINAL = `/analytics/dau?${DAYS}`;

describe('the CSV of figures', () => {
  it('has a row for the total and for each place, and no formula', async () => {
    const { text } = await get(FINAL, { accept: 'text/csv' });
    const rows = text.split('\r\n').filter((line) => line.startsWith('2025-01-15,'));
    expect(rows.map((row) => row.split(',').slice(0, 4).join())).toEqual(
      expect.arrayContaining([
        '2025-01-15,total,,300',
        '2025-01-15,province,广东省,200',
        '2025-01-15,city,深圳市,100',
        `2025-01-15,city,"'=HYPERLINK(""x"")",1`,
      ]),
    );
  });

  it('begins with a byte order mark only when asked', async () => {
    const answer = async (accept: string): Promise<Buffer> =>
      Buffer.from(
        await (
          await fetch(`${service.url}${FINAL}`, { headers: { authorization: `Bearer ${READER}`, accept } })
        ).arrayBuffer(),
      );
    const bom = Buffer.from([0xef, 0xbb, 0xbf]);
    expect((await answer('text/csv;bom=true')).subarray(0, 3)).toEqual(bom);
    expect((await answer('text/csv')).subarray(0, 3)).not.toEqual(bom);
  });
});

describe('a client that has the answer', () => {
  it('gets 304 without a body, with the headers by which a cache keeps it', async () => {
    const { headers } = await get(FINAL);
    const etag = headers.get('etag')!;
    const knownTags = [etag, etag.slice(2), `"other", ${etag}`, '*'];
    for (const [known, method] of knownTags.flatMap((tag) => [
      [tag, 'GET'] as const,
      [tag, 'HEAD'] as const,
    ])) {
      const again = await request(`${service.url}${FINAL}`, {
        ...{ method, token: READER, headers: { 'if-none-match': known } },
      });
      expect({ known, status: again.status, text: again.text }).toEqual({ known, status: 304, text: '' });
      expect(again.headers.get('etag')).toBe(etag);
      expect(again.headers.get('cache-control')).toBe('private, no-cache');
      expect(again.headers.get('vary')).toContain('accept');
      expect(again.headers.get('content-type')).toBeNull();
    }
  });

  it('gets the whole answer with another ETag, as CSV, or once a figure has changed', async () => {
    const etag = (await get(FINAL)).headers.get('etag')!;
    expect(await get(FINAL, { 'if-none-match': '"other"' })).toMatchObject({ status: 200 });
    expect(await get(FINAL, { 'if-none-match': etag, accept: 'text/csv' })).toMatchObject({ status: 200 });
    await deployment.stored.rows(
      `UPDATE analytics_daily_active_users SET dau_count = 301, version = 2 WHERE day = '2025-01-02'`,
    );
    const changed = await get(FINAL, { 'if-none-match': etag });
    expect(changed.status).toBe(200);
    expect(changed.headers.get('etag')).not.toBe(etag);
  });

  it('gets 401 and no 304 once its token is no longer valid', async () => {
    const etag = (await get(FINAL)).headers.get('etag')!;
    const answer = await request(`${service.url}${FINAL}`, {
      token: 'invalid',
      headers: { 'if-none-match': etag },
    });
    expectProblem(answer, 401, 'token_invalid');
    expect(answer.headers.get('cache-control')).toBe('no-store');
  });
});

describe('compression', () => {
  /** Reads the bytes as they were sent; `fetch` would decompress them. */
  async function bytesOf(
    path: string,
    more: Readonly<Record<string, string>> = {},
  ): Promise<{ readonly headers: IncomingHttpHeaders; readonly body: Buffer }> {
    const headers = { authorization: `Bearer ${READER}`, ...more };
    return new Promise((resolve, reject) => {
      httpGet(`${service.url}${path}`, { headers }, (answer) => {
        expect(answer.statusCode).toBe(200);
        buffer(answer).then((body) => {
          resolve({ headers: answer.headers, body });
        }, reject);
      }).on('error', reject);
    });
  }

  it.each(['text/csv', 'application/json'])(
    'is used when asked for and changes no byte of %s',
    async (accept) => {
      const plain = await bytesOf(FINAL, { accept });
      const packed = await bytesOf(FINAL, { accept, 'accept-encoding': 'br, gzip' });
      expect(plain.headers['content-encoding']).toBeUndefined();
      expect(packed.headers['content-encoding']).toBe('gzip');
      expect(packed.headers.etag).toBe(plain.headers.etag);
      expect(packed.headers.vary).toBe(plain.headers.vary);
      expect(gunzipSync(packed.body).equals(plain.body)).toBe(true);
      expect(packed.body.length).toBeLessThan(plain.body.length / 3);
    },
  );

  it.each([
    ['a short answer', '/presence/online-count', 'gzip'],
    ['a coding that the service does not have', FINAL, 'br'],
    ['a refused coding', FINAL, 'gzip;q=0'],
  ])('is left out for %s', async (_, path, coding) => {
    const { headers } = await bytesOf(path, { 'accept-encoding': coding });
    expect(headers['content-encoding']).toBeUndefined();
  });
});
