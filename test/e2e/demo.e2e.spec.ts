import { createServer, type Server } from 'node:http';
import { rmSync } from 'node:fs';

import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';

import { EventStream } from '../support/event-stream.js';
import { daysAgo, shanghaiDay } from '../support/events.js';
import { request } from '../support/http.js';
import { pageRoutes } from '../support/page/page-routes.js';
import {
  freePort,
  spawnTypeScript,
  temporaryDirectory,
  waitFor,
  type SpawnedProcess,
} from '../support/processes.js';

jest.setTimeout(180_000);

const PROGRAM = new URL('../../tools/demo.ts', import.meta.url);
const START_MS = 120_000;
/** Reach back to the same day of last week. */
const DAYS = 9;

let directory: string;

beforeAll(() => {
  directory = temporaryDirectory('demo');
});

afterAll(() => {
  rmSync(directory, { recursive: true, force: true });
});

/** Returns the panels of the page that have nothing to show, and why. */
async function emptyPanels(url: string, token: string): Promise<string[]> {
  const routes = Object.entries(pageRoutes(DAYS));
  const problems = await Promise.all(
    routes.map(async ([name, { path, shown, least }]) => {
      const { status, body } = await request(`${url}${path}`, { token });
      if (status !== 200) return [`${name}: status ${status}`];
      const numbers = shown(body as Parameters<typeof shown>[0]);
      if (numbers.length < least) return [`${name}: ${numbers.length} numbers, not ${least}`];
      return numbers.every((each) => each > 0) ? [] : [`${name}: ${numbers.slice(0, 20).join()}`];
    }),
  );
  return problems.flat();
}

/** Returns the live DAU of today as a share of the exact one. */
async function liveShare(url: string, token: string): Promise<number> {
  const live = (await request(`${url}/analytics/dau/realtime`, { token })).body as {
    day: string;
    dauCount: number;
  };
  const exact = await request(`${url}/analytics/dau?startDate=${live.day}&endDate=${live.day}`, { token });
  const [{ dauCount } = { dauCount: NaN }] = (exact.body as { data: { dauCount: number }[] }).data;
  return live.dauCount / dauCount;
}

function startDemo(args: readonly string[], env: Readonly<Record<string, string>> = {}): SpawnedProcess {
  const { PATH = '', HOME = '' } = process.env;
  return spawnTypeScript(PROGRAM, [`--data=${directory}`, `--days=${DAYS}`, ...args], {
    cwd: directory,
    env: { PATH, HOME, ...env },
  });
}

describe('npm run demo', () => {
  it('shows figures of its own, a crowd that lives, and goes on where it was stopped, with something in every panel of the page', async () => {
    const port = await freePort();
    const demo = startDemo([`--port=${port}`]);
    const [, token = ''] = await demo.line(/^export TOKEN=(\S+)$/, START_MS);
    const url = `http://127.0.0.1:${port}`;
    const stream = await EventStream.open(url, { token });
    await stream.waitFor('online', ({ count }) => Number(count) > 0);
    // The link is printed when every panel has something to show and the figures agree with each other.
    expect(await emptyPanels(url, token)).toEqual([]);
    expect(await liveShare(url, token)).toBeCloseTo(1, 1);
    const query = `startDate=${daysAgo(1)}&endDate=${shanghaiDay()}`;
    const dau = async (): Promise<number[]> => {
      const { body } = await request(`${url}/analytics/dau?${query}`, { token });
      return (body as { data: { dauCount: number }[] }).data.map(({ dauCount }) => dauCount);
    };
    const [yesterday = 0] = await dau();
    expect(yesterday).toBeGreaterThan(200);
    const history = await request(
      `${url}/presence/online-history?startTime=${daysAgo(1)}T00:00:00%2B08:00&endTime=${shanghaiDay()}T00:00:00%2B08:00&interval=1h`,
      { token },
    );
    expect(history.body).toMatchObject({ total: 24 });
    stream.close();
    expect(await demo.end('SIGINT')).toEqual({ code: 0, signal: null });

    const again = startDemo([`--port=${port}`]);
    const [, newToken = ''] = await again.line(/^export TOKEN=(\S+)$/, START_MS);
    const { status } = await request(`${url}/presence/online-count`, { token });
    expect(status).toBe(401);
    const kept = await request(`${url}/analytics/dau?${query}`, { token: newToken });
    expect(kept.body).toMatchObject({ data: [{ dauCount: yesterday }, {}] });
    expect(await again.end('SIGTERM')).toEqual({ code: 0, signal: null });
  });

  it.each([
    ['DATABASE_URL', 'postgresql://user:password@127.0.0.1:1/real'],
    ['NODE_ENV', 'production'],
    ['PGHOST', 'password.example'],
  ])('refuses to run with %s=%s', async (name, value) => {
    const demo = startDemo([], { [name]: value });
    expect(await demo.exited).toEqual({ code: 2, signal: null });
    expect(demo.lines.join('\n')).toContain(name);
    expect(demo.lines.join('\n')).not.toContain('password');
  });
});

describe('npm run demo beside another service on its port', () => {
  let server: Server;
  const received: string[] = [];

  beforeAll(async () => {
    server = createServer(({ method, url, headers }, response) => {
      received.push(`${method} ${url}`);
      response.statusCode = headers.authorization === undefined ? 200 : 401;
      response.end('{}');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });

  afterAll(() => {
    server.close();
  });

  it('sends it no data, and says that the port is taken', async () => {
    const { port } = server.address() as { port: number };
    const demo = startDemo([`--port=${port}`]);
    await demo.line(/Another program listens on this port/, START_MS);
    await waitFor(() => demo.exited, START_MS);
    expect((await demo.exited).code).toBe(1);
    expect(received.filter((each) => !each.startsWith('GET /presence/online-count'))).toEqual([]);
  });
});
