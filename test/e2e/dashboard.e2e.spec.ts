import { readdirSync } from 'node:fs';
import { get, type OutgoingHttpHeaders } from 'node:http';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { Deployment } from '../support/deployment.js';
import { expectProblem } from '../support/expect-problem.js';
import { request, signToken, type Answer } from '../support/http.js';
import { waitFor } from '../support/processes.js';
import type { Service } from '../support/service.js';

const PAGE = new URL('../../dist/web/', import.meta.url);
/** First paint: what the document names, compressed. */
const FIRST_PAINT_BYTES = 100 * 1024;

let deployment: Deployment;
let service: Service;
let without: Service;

beforeAll(async () => {
  deployment = await Deployment.create();
  [service, without] = await Promise.all([
    deployment.start({ NODE_ENV: 'development' }),
    deployment.start({ NODE_ENV: 'development', DASHBOARD: 'false' }),
  ]);
});

afterAll(async () => {
  expect(await deployment?.remove()).toEqual([0, 0]);
});

/** Addresses of the files that the document loads. */
function filesOf({ text }: Answer): string[] {
  return [...text.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map(([, path]) => path!);
}

/** Sends a request as browsers do: fetch would decompress the body and refuse the cached one. */
function getRaw(url: string, headers: OutgoingHttpHeaders): Promise<{ status: number; bytes: number }> {
  return new Promise((resolve, reject) => {
    get(url, { headers }, (response) => {
      let bytes = 0;
      response.on('data', (chunk: Buffer) => (bytes += chunk.length));
      response.on('end', () => {
        resolve({ status: response.statusCode!, bytes });
      });
    }).on('error', reject);
  });
}

const builtFiles = (): string[] =>
  readdirSync(PAGE, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => `${parentPath}/${name}`.replaceAll('//', '/').slice(PAGE.pathname.length));

describe('the page', () => {
  it.each(['/dashboard', '/dashboard/'])('is a document at %s that clients ask for again', async (path) => {
    const { status, headers, text } = await request(`${service.url}${path}`);
    expect(status).toBe(200);
    expect(Object.fromEntries(headers)).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-cache',
      etag: expect.stringMatching(/^W\/"/),
    });
    expect(text).toMatch(/^<!doctype html>/i);
    const again = await getRaw(`${service.url}${path}`, { 'if-none-match': headers.get('etag')! });
    expect(again).toEqual({ status: 304, bytes: 0 });
  });

  it('is where the root leads, without a token in the address', async () => {
    const { status, headers } = await request(`${service.url}/`);
    expect({ status, location: headers.get('location') }).toEqual({ status: 302, location: '/dashboard' });
  });

  it('loads files of this service alone, which clients keep for a year', async () => {
    const document = await request(`${service.url}/dashboard`);
    expect(document.text).not.toMatch(/(?:src|href)="(?:https?:)?\/\//);
    const scripts = filesOf(document).filter((path) => path.startsWith('/dashboard/assets/'));
    expect(scripts.length).toBeGreaterThan(0);
    for (const path of scripts) {
      const { status, headers } = await request(`${service.url}${path}`);
      expect({ path, status, kept: headers.get('cache-control') }).toEqual({
        path,
        status: 200,
        kept: 'public, max-age=31536000, immutable',
      });
      expect(headers.get('content-type')).toMatch(/^(application\/javascript|text\/css); charset=utf-8$/);
    }
  });

  it('serves every built file and answers HEAD as GET', async () => {
    const files = builtFiles();
    expect(files).toContain('index.html');
    for (const file of files.filter((each) => each !== 'index.html')) {
      const [got, head] = await Promise.all(
        ['GET', 'HEAD'].map((method) => request(`${service.url}/dashboard/${file}`, { method })),
      );
      expect({ file, get: got!.status, head: head!.status, text: head!.text }).toEqual({
        file,
        get: 200,
        head: 200,
        text: '',
      });
    }
  });

  it('needs less than 100 KiB for its first paint', async () => {
    const document = await request(`${service.url}/dashboard`);
    const paths = ['/dashboard', ...filesOf(document)];
    const sizes = await Promise.all(
      paths.map((path) => getRaw(`${service.url}${path}`, { 'accept-encoding': 'gzip' })),
    );
    expect(sizes.reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThan(FIRST_PAINT_BYTES);
  });

  it('is linked when the service starts in development, with a token that opens the figures', async () => {
    const [, address, token] = await waitFor(
      () => /Dashboard {2}(http:\/\/\S+\/dashboard)#token=(\S+)/.exec(service.output()),
      5_000,
    );
    expect(service.output()).toContain('npm run demo');
    expect(address).toBe(`${service.url}/dashboard`);
    expect((await request(`${service.url}/status`, { token: token! })).status).toBe(200);
    expect((await request(`${service.url}/presence/online-count`, { token: token! })).status).toBe(200);
  });

  it('counts as two routes in the metrics, however many files it has', async () => {
    await request(`${service.url}/dashboard`);
    const { text } = await request(`${service.url}/metrics`);
    const routes = new Set([...text.matchAll(/route="(\/dashboard[^"]*)"/g)].map(([, route]) => route));
    expect([...routes].sort()).toEqual(['/dashboard', '/dashboard/*']);
  });
});

describe('the page with DASHBOARD=false', () => {
  it.each(['/', '/dashboard', '/dashboard/', '/dashboard/index.html'])('is 404 at %s', async (path) => {
    expectProblem(await request(`${without.url}${path}`), 404, 'route_not_found');
  });

  it('is not linked at the start', async () => {
    await waitFor(() => without.output().includes('analytics/dau?startDate'), 5_000);
    expect(without.output()).not.toMatch(/#token=|not built/);
  });
});

describe('GET /status', () => {
  const token = signToken({ userId: '1' });

  it('tells what the page shows of the service, each part with the instant of its reading', async () => {
    const before = Date.now() - 1_000;
    const { status, headers, body } = await request(`${service.url}/status`, { token });
    expect(status).toBe(200);
    expect(headers.get('cache-control')).toBe('no-store');
    const asOf = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
    expect(body).toEqual({
      status: 'ok',
      clock: 'ok',
      asOf,
      dependencies: [{ name: 'database', status: 'up', since: asOf }],
      outbox: { state: 'ok', waiting: 0, oldestSeconds: null, failingLanes: 0, target: null, asOf },
      identityConsumer: null,
    });
    expect(Date.parse((body as { asOf: string }).asOf)).toBeGreaterThan(before - 10_000);
  });

  it('refuses unknown parameters and requests without a token', async () => {
    expectProblem(await request(`${service.url}/status?verbose=1`, { token }), 400, 'request_invalid');
    expectProblem(await request(`${service.url}/status`), 401, 'token_missing');
  });
});
