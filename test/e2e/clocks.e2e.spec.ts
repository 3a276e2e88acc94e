import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';

import { Deployment } from '../support/deployment.js';
import { event, nowSeconds, shanghaiDay } from '../support/events.js';
import { expectProblem } from '../support/expect-problem.js';
import { request, signToken } from '../support/http.js';
import { shiftedClock, startService, type Service } from '../support/service.js';
import { beat, get, send } from './faults/service-client.js';

jest.setTimeout(60_000);

const HOUR_SECONDS = 3600;
const ONLINE_USERS = 'presence:online_users';
/** Allows for a busy machine; a wrong clock is off by an hour. */
const TOLERANCE_SECONDS = 5;

let deployment: Deployment;
/** Three replicas, whose machines have the right time, and are an hour ahead and behind. */
let right: Service;
let ahead: Service;
let behind: Service;

beforeAll(async () => {
  deployment = await Deployment.create({ redis: true });
  const start = (offSeconds: number): Promise<Service> =>
    startService({ env: deployment.settings, nodeArguments: shiftedClock(offSeconds * 1000) });
  [right, ahead, behind] = await Promise.all([start(0), start(HOUR_SECONDS), start(-HOUR_SECONDS)]);
});

afterAll(async () => {
  await Promise.all([right, ahead, behind].map((service) => service?.stop()));
  await deployment?.remove();
});

const replicas = (): readonly Service[] => [right, ahead, behind];

async function onlineCounts(): Promise<unknown[]> {
  const answers = await Promise.all(replicas().map((service) => get(service, '/presence/online-count')));
  return answers.map(({ body }) => (body as { count: unknown }).count);
}

function expectNow(seconds: number): void {
  expect(Math.abs(seconds - nowSeconds())).toBeLessThan(TOLERANCE_SECONDS);
}

describe('replicas whose clocks differ by an hour', () => {
  it('say which clock is off, in the readiness, the metrics and the log', async () => {
    const states = await Promise.all(replicas().map((service) => get(service, '/health/ready')));
    expect(states.map(({ status, body }) => ({ status, ...(body as object) }))).toMatchObject([
      { status: 'ok', clock: 'ok' },
      { status: 'degraded', clock: 'off' },
      { status: 'degraded', clock: 'off' },
    ]);
    expect(states.map(({ status }) => status)).toEqual([200, 200, 200]);
    for (const [index, seconds] of [0, HOUR_SECONDS, -HOUR_SECONDS].entries()) {
      const { text } = await request(`${replicas()[index]!.url}/metrics`);
      const offset = Number(/^analytics_clock_offset_seconds (\S+)$/m.exec(text)?.[1]);
      expect(Math.abs(offset - seconds)).toBeLessThan(TOLERANCE_SECONDS);
    }
    expect(ahead.output()).toMatch(/clock of this machine is 36\d\d\.\d s ahead of Redis/);
    expect(behind.output()).toMatch(/clock of this machine is 3[56]\d\d\.\d s behind Redis/);
    expect(right.output()).not.toContain('clock of this machine');
  });

  it('agree on who is online, whichever takes the heartbeat', async () => {
    for (const [index, service] of replicas().entries()) {
      const user = String(100 + index);
      const { status, body } = await beat(service, user);
      expect(status).toBe(200);
      expectNow((body as { serverTs: number }).serverTs);
      expectNow(Number(await deployment.redis.client.zscore(ONLINE_USERS, user)));
    }
    expect(await onlineCounts()).toEqual([3, 3, 3]);
  });

  it('count nobody by a heartbeat of the future, and take the true heartbeat of such a user', async () => {
    await deployment.redis.flush();
    const future = Math.floor(nowSeconds()) + HOUR_SECONDS;
    await deployment.redis.client.zadd(ONLINE_USERS, future, '7', future, '8');
    expect(await onlineCounts()).toEqual([0, 0, 0]);
    for (const service of replicas()) {
      await deployment.redis.client.zadd(ONLINE_USERS, future, '7');
      expect((await beat(service, '7')).status).toBe(200);
      expectNow(Number(await deployment.redis.client.zscore(ONLINE_USERS, '7')));
      expect(await onlineCounts()).toEqual([1, 1, 1]);
    }
  });

  it('do not judge the clocks of devices by their own', async () => {
    for (const service of replicas()) {
      const clientTs = Math.floor(nowSeconds());
      const [plain, withSentAt] = [event({ clientTs }), event({ clientTs })];
      expect(await send(service, [plain])).toMatchObject({ status: 200, body: { accepted: 1 } });
      const sent = await request(`${service.url}/analytics/events`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ events: [withSentAt], sentAt: nowSeconds() }),
      });
      expect(sent).toMatchObject({ status: 200, body: { accepted: 1 } });
      const rows = await deployment.stored.events([plain.eventId, withSentAt.eventId]);
      expect(rows.map((row) => row!.eventTime.getTime() / 1000)).toEqual([clientTs, clientTs]);
    }
    expect(await deployment.stored.counts()).toMatchObject({ corrections: 0 });
  });

  it('do not judge tokens by their own clock', async () => {
    const path = '/presence/online-count';
    for (const service of replicas()) {
      const valid = signToken({ userId: '1' }, { expiresInSeconds: 1800 });
      const expired = signToken({ userId: '1' }, { expiresInSeconds: -600 });
      expect((await request(`${service.url}${path}`, { token: valid })).status).toBe(200);
      expectProblem(await request(`${service.url}${path}`, { token: expired }), 401, 'token_expired');
    }
  });

  it('date their answers by the same clock, also those of the page and of errors', async () => {
    for (const { url } of replicas())
      for (const path of ['/dashboard', '/health/live', '/presence/online-count', '/nowhere'])
        expectNow(Date.parse((await request(`${url}${path}`)).headers.get('date') ?? '') / 1000);
  });

  it('have the same today', async () => {
    const day = shanghaiDay();
    const answers = await Promise.all(replicas().map((service) => get(service, '/analytics/dau/realtime')));
    const days = answers.map(({ body }) => (body as { day: string }).day);
    // The day may change while the test runs.
    for (const each of days) expect([day, shanghaiDay()]).toContain(each);
  });
});
