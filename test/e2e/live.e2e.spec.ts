import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';

import { Deployment } from '../support/deployment.js';
import { EventStream, type WatchOptions } from '../support/event-stream.js';
import { event, nowSeconds, shanghaiDay } from '../support/events.js';
import { postJson, request, signToken } from '../support/http.js';
import { waitFor } from '../support/processes.js';
import { RECOVERY_MS } from '../support/recovery.js';
import { startRedisServer, type RedisServer } from '../support/redis.js';
import { settings, type Service } from '../support/service.js';

jest.setTimeout(120_000);

const token = signToken({ userId: '1' });

let redis: RedisServer;
let deployment: Deployment;
let service: Service;
let other: Service;
/** Watchers of each replica that stay for the whole file. */
let lasting: EventStream;
let lastingOnOther: EventStream;
const open: EventStream[] = [];

beforeAll(async () => {
  redis = await startRedisServer();
  deployment = await Deployment.create();
  [service, other] = await Promise.all([
    deployment.start(settings({ redis })),
    deployment.start(settings({ redis })),
  ]);
  lasting = await EventStream.open(service.url, { token });
  lastingOnOther = await EventStream.open(other.url, { token });
});

afterEach(() => {
  for (const stream of open.splice(0)) stream.close();
});

afterAll(async () => {
  lasting?.close();
  lastingOnOther?.close();
  await deployment?.remove();
  await redis?.stop();
});

async function watch(of: Service = service, options: WatchOptions = {}): Promise<EventStream> {
  const stream = await EventStream.open(of.url, { token, ...options });
  open.push(stream);
  return stream;
}

const FIRST_USER = 1000;
let users = FIRST_USER;

async function beat(of: Service = service): Promise<void> {
  const answer = await postJson(
    `${of.url}/presence/heartbeat`,
    { installId: 'install-of-a-watched-user', appVersion: '1.0.0', clientTs: nowSeconds() },
    { token: signToken({ userId: String(++users) }) },
  );
  expect(answer.status).toBe(200);
}

async function metric(name: string, of: Service = service): Promise<number> {
  const { text } = await request(`${of.url}/metrics`);
  const line = text.split('\n').find((each) => each.startsWith(`${name} `));
  return Number(line?.split(' ')[1]);
}

const count = ({ data }: { readonly data: Readonly<Record<string, unknown>> }): number =>
  Number(data['count']);

describe('GET /live', () => {
  it('shows a heartbeat without being asked again', async () => {
    const stream = await watch();
    const before = count(await stream.waitFor('online'));
    await beat(other);
    const after = await stream.waitFor('online', (data) => Number(data['count']) > before);
    expect(after.data).toEqual({
      count: before + 1,
      isPartial: false,
      coverage: 1,
      windowSeconds: 180,
      queriedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    });
    const asked = await request(`${service.url}/presence/online-count`, { token });
    expect(asked.body).toMatchObject({ count: before + 1 });
  });

  it('shows the first session of a user in the live DAU', async () => {
    const stream = await watch();
    const before = Number((await stream.waitFor('dau')).data['dauCount']);
    const { status } = await postJson(`${other.url}/analytics/events`, { events: [event()] });
    expect(status).toBe(200);
    const after = await stream.waitFor('dau', ({ dauCount }) => Number(dauCount) > before);
    expect(after.data).toMatchObject({ day: shanghaiDay(), dauCount: before + 1, method: 'hyperloglog' });
    expect(stream.named('dau')).toHaveLength(2);
  });

  it('sends a reading every five seconds, far beyond the time of a request', async () => {
    await waitFor(() => lasting.named('online').length >= 4, 60_000);
    const ticks = lasting.named('online').map(({ id }) => Number(id));
    expect(ticks.filter((tick) => tick % 5 !== 0)).toEqual([]);
    expect(ticks.slice(1).map((tick, index) => tick - ticks[index]!)).toEqual(ticks.slice(1).map(() => 5));
    expect(lasting.retryMs).toBeGreaterThanOrEqual(2000);
    expect(lasting.ended).toBe(false);
  });

  it('says the same on every replica', async () => {
    // Both replicas have read twice since the last heartbeat.
    const wanted = (stream: EventStream) =>
      stream.named('online').filter((each) => count(each) === users - FIRST_USER);
    const common = await waitFor(() => {
      const ids = new Set(wanted(lasting).map(({ id }) => id));
      const both = wanted(lastingOnOther).filter(({ id }) => ids.has(id));
      return both.length >= 2 ? both.map(({ id }) => id) : null;
    }, 30_000);
    const figures = (stream: EventStream) =>
      stream
        .named('online')
        .filter(({ id }) => common.includes(id))
        .map((each) => [each.id, count(each)]);
    expect(figures(lasting)).toEqual(figures(lastingOnOther));
    expect(lasting.named('status').at(-1)?.data).toEqual(lastingOnOther.named('status').at(-1)?.data);
    expect(lasting.named('dau').at(-1)?.data['dauCount']).toBe(
      lastingOnOther.named('dau').at(-1)?.data['dauCount'],
    );
  });

  it('repeats the readings that a watcher has missed, also on another replica', async () => {
    const [first, ...missed] = lastingOnOther.named('online');
    const back = await watch(other, { headers: { 'last-event-id': first!.id } });
    await waitFor(() => back.named('online').length >= missed.length, 10_000);
    expect(back.named('online').slice(0, missed.length)).toEqual(missed);
  });

  it('is neither compressed nor cached, and no proxy may buffer it', async () => {
    const { response } = await watch(service, { headers: { 'accept-encoding': 'gzip, br' } });
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store, no-transform',
      'x-accel-buffering': 'no',
      'x-content-type-options': 'nosniff',
    });
    expect(response.headers.has('content-encoding')).toBe(false);
  });

  it('counts its watchers, and no stream among the slow requests', async () => {
    const streams = [await watch(), await watch()];
    await waitFor(async () => (await metric('analytics_live_watchers')) === 3, 10_000);
    for (const stream of streams) stream.close();
    await waitFor(async () => (await metric('analytics_live_watchers')) === 1, 10_000);
    const { text } = await request(`${service.url}/metrics`);
    expect(text).toMatch(/^analytics_live_streams_ended_total\{reason="client"\} [1-9]/m);
    expect(text).not.toMatch(/route="\/live",status="200"/);
  });

  it('answers HEAD with the headers alone', async () => {
    const { status, headers, text } = await request(`${service.url}/live`, { method: 'HEAD', token });
    expect({ status, text }).toEqual({ status: 200, text: '' });
    expect(headers.get('content-type')).toMatch(/^text\/event-stream/);
  });

  it('reports a store that is unavailable, stays open, and goes on when it is back', async () => {
    const stream = await watch();
    await stream.waitFor('online');
    redis.pause();
    try {
      const { data } = await stream.waitFor(
        'status',
        ({ figures }) => (figures as { online: string }).online !== 'ok',
      );
      expect(data).toMatchObject({
        figures: { online: 'redis_unavailable' },
        dependencies: { database: 'up' },
      });
      await stream.waitFor(
        'status',
        ({ dependencies }) => (dependencies as { redis: string }).redis === 'down',
      );
      await waitFor(() => stream.comments > 0, 30_000, { what: 'a comment keeps the connection alive' });
    } finally {
      redis.resume();
    }
    const seen = stream.named('online').length;
    await waitFor(() => stream.named('online').length > seen, RECOVERY_MS);
    await waitFor(() => stream.named('status').at(-1)?.data['status'] === 'ok', RECOVERY_MS);
    expect(stream.named('status').at(-1)?.data).toMatchObject({ figures: { online: 'ok', dau: 'ok' } });
    expect(stream.ended).toBe(false);
  });
});

describe('the shutdown of a service with watchers', () => {
  it('tells them during the grace, ends their streams, and exits in time', async () => {
    const stopping = await deployment.start({ ...settings({ redis }), SHUTDOWN_GRACE_SECONDS: '8' });
    const streams = await Promise.all(Array.from({ length: 50 }, () => watch(stopping)));
    await Promise.all(streams.map((stream) => stream.waitFor('online')));
    stopping.kill('SIGTERM');
    await streams[0]!.waitFor('status', ({ status }) => status === 'shutting_down');
    expect(stopping.output()).not.toContain('did not close in time');
    const reasons = await Promise.all(streams.map((stream) => stream.waitForEnd()));
    expect(new Set(reasons)).toEqual(new Set(['shutdown']));
    expect(await stopping.exited).toBe(0);
    expect(stopping.output()).not.toContain('did not close in time');
    expect(new Set(streams.map(({ retryMs }) => retryMs)).size).toBe(50);
  });
});
