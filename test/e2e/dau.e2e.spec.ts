import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';

import { Deployment } from '../support/deployment.js';
import { postJson, request, signToken, type Answer, type RequestOptions } from '../support/http.js';
import { waitFor } from '../support/processes.js';
import { runBuilt, type Service, type Settings } from '../support/service.js';
import { countsOf, expectedDau } from './support/dau-oracle.js';
import {
  daysAgo,
  event,
  millisecondsToMidnight,
  nowSeconds,
  shanghaiDay,
  startOfShanghaiDay,
  type WireEvent,
} from '../support/events.js';
import { expectProblem } from '../support/expect-problem.js';

const HOUR_MS = 3_600_000;
const INTERNAL_KEY = 'the-key-of-the-reporting-service';
const STANDARD_ERROR = 0.0081;

jest.setTimeout(60_000);

const deployments: Deployment[] = [];

beforeAll(async () => {
  // The tests depend on the current day, so they do not run across midnight in Shanghai.
  await waitFor(() => millisecondsToMidnight() > 90_000, 100_000, {
    what: 'the day has changed in Shanghai',
  });
}, 110_000);

afterAll(async () => {
  const exitCodes = await Promise.all(deployments.map((deployment) => deployment.remove()));
  expect(exitCodes).toEqual(deployments.map(() => [0]));
});

/** Starts a service with a database and a Redis of its own. */
async function start(env: Settings): Promise<{ service: Service; env: Settings }> {
  const deployment = await Deployment.create({ redis: true });
  deployments.push(deployment);
  return { service: await deployment.start(env), env: { ...deployment.settings, ...env } };
}

/** Returns events around the midnights of a day in Shanghai, with every case that is easily miscounted. */
function pastEvents(day: string): WireEvent[] {
  const start = startOfShanghaiDay(day);
  const at = (milliseconds: number, overrides: Partial<WireEvent> = {}): WireEvent =>
    event({ clientTs: milliseconds / 1000, ...overrides });
  const noon = start + 12 * HOUR_MS;
  const shenzhen = { province: '广东省', city: '深圳市' };
  const guangzhou = { province: '广东省', city: '广州市' };
  const hangzhou = { province: '浙江省', city: '杭州市' };
  return [
    // Events at the edges of the day, and of the same day in other zones.
    at(start - 1, { userId: '1', properties: shenzhen }),
    at(start, { userId: '2', properties: shenzhen }),
    at(start + 1, { userId: '3', properties: shenzhen }),
    at(start + HOUR_MS, { userId: '4', properties: hangzhou }),
    at(start + 8 * HOUR_MS - 1, { userId: '5', properties: hangzhou }),
    at(start + 8 * HOUR_MS, { userId: '6', properties: hangzhou }),
    at(start + 24 * HOUR_MS - 1, { userId: '7', properties: shenzhen }),
    at(start + 24 * HOUR_MS, { userId: '8', properties: shenzhen }),
    ...Array.from({ length: 24 }, (_, hour) =>
      at(start + hour * HOUR_MS, { installId: `every-hour-${hour}` }),
    ),
    // One user several times, in two cities of one province and in two provinces.
    at(noon, { userId: '20', properties: shenzhen }),
    at(noon + 1, { userId: '20', properties: shenzhen }),
    at(noon + 2, { userId: '20', properties: guangzhou }),
    at(noon + 3, { userId: '20', properties: hangzhou }),
    at(start - HOUR_MS, { userId: '20', properties: hangzhou }),
    // A user and an install of the same name; an install before and after its user has logged in.
    at(noon, { userId: '42424242' }),
    at(noon, { installId: '42424242' }),
    at(noon, { installId: 'before-and-after' }),
    at(noon + HOUR_MS, { installId: 'before-and-after', userId: '21' }),
    // Events with missing, incomplete and invalid places.
    at(noon, { userId: '22', properties: {} }),
    at(noon, { userId: '23', properties: { province: '广东省' } }),
    at(noon, { userId: '24', properties: { city: '深圳市' } }),
    at(noon, { userId: '25', properties: { province: 44, city: null } }),
    at(noon, { userId: '26', properties: { province: '', city: '' } }),
    // Events other than session starts are not counted.
    at(noon, { userId: '27', eventName: 'app_session_end', properties: shenzhen }),
    at(noon, { userId: '28', eventName: 'presence_heartbeat' }),
  ];
}

describe.each(['UTC', 'Asia/Shanghai', 'America/New_York'])('DAU with TZ=%s', (zone) => {
  const reader = signToken({ userId: '1', role: 'analyst' });
  const sent: WireEvent[] = [];
  let service: Service;
  let env: Settings;

  beforeAll(async () => {
    ({ service, env } = await start({
      TZ: zone,
      INTERNAL_API_KEY: INTERNAL_KEY,
      ADMIN_ROLES: 'admin, analyst',
    }));
  });

  async function send(events: readonly WireEvent[]): Promise<void> {
    const answer = await postJson(`${service.url}/analytics/events`, { events });
    expect(answer).toMatchObject({ status: 200, body: { accepted: events.length } });
    sent.push(...events);
  }

  function dau(query: string, options: RequestOptions = { token: reader }): Promise<Answer> {
    return request(`${service.url}/analytics/dau?${query}`, options);
  }

  const calculate = (...days: string[]) => runBuilt('src/cli/dau-calculate.js', days, env);

  it('counts past days exactly to the millisecond after a calculation', async () => {
    const [first, last] = [daysAgo(4), daysAgo(2)];
    await send(pastEvents(daysAgo(3)));
    const expected = expectedDau(sent);
    expect(expected.map(({ day }) => day)).toEqual([first, daysAgo(3), last]);

    const { exitCode, output } = await calculate(first, last);
    expect({ exitCode, output }).toMatchObject({ exitCode: 0 });
    for (const { day, dauCount } of expected)
      expect(output).toMatch(new RegExp(`^${day} +${dauCount} +\\(version \\d+\\)$`, 'm'));
    expect(output).toContain('Calculated 3 days, 3 of them with actives.');
    expect(countsOf((await dau(`startDate=${first}&endDate=${last}`)).body)).toEqual({
      data: expected,
      total: 3,
    });
  });

  it('includes both the first and the last requested day', async () => {
    const [first, second, last] = expectedDau(sent);
    const one = (day: string) => dau(`startDate=${day}&endDate=${day}`);
    expect(countsOf((await one(second!.day)).body)).toEqual({ data: [second], total: 1 });
    expect(countsOf((await dau(`startDate=${first!.day}&endDate=${second!.day}`)).body)).toEqual({
      data: [first, second],
      total: 2,
    });
    expect(countsOf((await dau(`startDate=${second!.day}&endDate=${last!.day}`)).body)).toEqual({
      data: [second, last],
      total: 2,
    });
    expect(countsOf((await one('2024-02-29')).body)).toEqual({ data: [], total: 0 });
    expect(countsOf((await dau('startDate=2024-01-01&endDate=2024-12-31')).body)).toEqual({
      data: [],
      total: 0,
    });
  });

  it('counts the current day exactly without a calculation', async () => {
    const today = shanghaiDay();
    await send([
      event({ userId: '100', properties: { province: '广东省', city: '深圳市' } }),
      event({ userId: '100', properties: { province: '浙江省', city: '杭州市' } }),
      event({ installId: 'only-today' }),
    ]);
    const expected = expectedDau(sent).filter(({ day }) => day === today);
    // The service caches a count for nine times its duration.
    const answer = await waitFor(async () => {
      const { body } = await dau(`startDate=${today}&endDate=${today}`);
      expect(countsOf(body)).toEqual({ data: expected, total: 1 });
      return body;
    }, 2000);
    expect(answer).toMatchObject({ data: [{ day: today, dauCount: 2 }] });
    expect(countsOf((await dau(`startDate=${daysAgo(4)}&endDate=${today}`)).body)).toEqual({
      data: expectedDau(sent),
      total: 4,
    });
  });

  it('includes late events of a past day after its next calculation', async () => {
    const day = daysAgo(3);
    await send([
      event({
        userId: '200',
        clientTs: startOfShanghaiDay(day) / 1000 + 60,
        properties: { province: '西藏自治区' },
      }),
    ]);
    const { exitCode, output } = await calculate(day);
    expect({ exitCode, output }).toMatchObject({ exitCode: 0 });
    const expected = expectedDau(sent).filter((item) => item.day === day);
    expect(expected[0]?.byProvince).toMatchObject({ 西藏自治区: 1 });
    expect(countsOf((await dau(`startDate=${day}&endDate=${day}`)).body)).toEqual({
      data: expected,
      total: 1,
    });
  });

  it('is the same at the internal route', async () => {
    const query = `startDate=${daysAgo(7)}&endDate=${shanghaiDay()}`;
    const answer = await request(`${service.url}/internal/analytics/dau?${query}`, {
      headers: { 'X-Internal-Api-Key': INTERNAL_KEY },
    });
    expect(answer).toMatchObject({ status: 200, body: { data: expectedDau(sent), total: 4 } });
    expect(countsOf(answer.body)).toEqual(countsOf((await dau(query)).body));
  });

  it('is estimated in real time within the declared standard error', async () => {
    for (let batch = 0; batch < 3; batch++) {
      // The identities are the same in every run, and so is the estimate.
      await send(Array.from({ length: 1000 }, (_, i) => event({ installId: `estimated-${batch}-${i}` })));
    }
    const today = shanghaiDay();
    const exact = expectedDau(sent).find(({ day }) => day === today)!.dauCount;
    // The estimate is updated after the events are accepted.
    await waitFor(
      async () => {
        const { status, body } = await request(`${service.url}/analytics/dau/realtime`, { token: reader });
        expect({ status, body }).toEqual({
          status: 200,
          body: {
            day: today,
            dauCount: expect.any(Number),
            method: 'hyperloglog',
            standardError: STANDARD_ERROR,
            queriedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
          },
        });
        const { dauCount, queriedAt } = body as { dauCount: number; queriedAt: string };
        expect(Math.abs(dauCount - exact)).toBeLessThanOrEqual(4 * STANDARD_ERROR * exact);
        expect(Math.abs(Date.parse(queriedAt) / 1000 - nowSeconds())).toBeLessThan(5);
        return true;
      },
      2000,
      { what: 'the estimate includes the events' },
    );
  });

  it.each([
    ['missing days', '', 'request_invalid'],
    ['a missing end', 'startDate=2025-01-01', 'request_invalid'],
    ['a missing start', 'endDate=2025-01-01', 'request_invalid'],
    ['an empty day', 'startDate=&endDate=2025-01-01', 'request_invalid'],
    ['a day without leading zeros', 'startDate=2025-1-1&endDate=2025-01-02', 'request_invalid'],
    ['a day in another order', 'startDate=01-01-2025&endDate=02-01-2025', 'request_invalid'],
    ['an instant', 'startDate=2025-01-01T00:00:00Z&endDate=2025-01-02', 'request_invalid'],
    ['a day with a trailing space', 'startDate=2025-01-01%20&endDate=2025-01-02', 'request_invalid'],
    ['a day with a trailing line feed', 'startDate=2025-01-01%0A&endDate=2025-01-02', 'request_invalid'],
    ['SQL', "startDate=2025-01-01'--&endDate=2025-01-02", 'request_invalid'],
    [
      'a repeated parameter',
      'startDate=2025-01-01&startDate=2025-01-02&endDate=2025-01-03',
      'request_invalid',
    ],
    ['a parameter with brackets', 'startDate[]=2025-01-01&endDate=2025-01-03', 'request_invalid'],
    ['30 February', 'startDate=2025-02-01&endDate=2025-02-30', 'date_range_invalid'],
    ['29 February of a common year', 'startDate=2025-02-29&endDate=2025-03-01', 'date_range_invalid'],
    ['a 13th month', 'startDate=2025-13-01&endDate=2025-13-02', 'date_range_invalid'],
    ['day 0', 'startDate=2025-01-00&endDate=2025-01-02', 'date_range_invalid'],
    ['an end before the start', 'startDate=2025-01-02&endDate=2025-01-01', 'date_range_invalid'],
    ['367 days', 'startDate=2024-01-01&endDate=2025-01-01', 'date_range_invalid'],
    ['a range of 9,999 years', 'startDate=0001-01-01&endDate=9999-12-31', 'date_range_invalid'],
  ])('returns 400 for %s', async (_, query, code) => {
    expectProblem(await dau(query), 400, code);
    const internal = await request(`${service.url}/internal/analytics/dau?${query}`, {
      headers: { 'x-internal-api-key': INTERNAL_KEY },
    });
    expectProblem(internal, 400, code);
  });
});

describe('access to DAU figures', () => {
  const QUERY = 'startDate=2025-01-01&endDate=2025-01-02';
  const ADMIN_READS = [`/analytics/dau?${QUERY}`, '/analytics/dau/realtime', '/presence/online-count'];
  const internal = `/internal/analytics/dau?${QUERY}`;
  let open: Service;
  let guarded: Service;

  beforeAll(async () => {
    const keys = { INTERNAL_API_KEY: INTERNAL_KEY, ADMIN_ROLES: 'admin, analyst' };
    [{ service: open }, { service: guarded }] = await Promise.all([start({}), start(keys)]);
  });

  it.each(ADMIN_READS)('returns 401 without a valid token: %s', async (path) => {
    expectProblem(await request(`${guarded.url}${path}`), 401, 'token_missing');
    const expired = signToken({ userId: '1', role: 'admin' }, { expiresInSeconds: -60 });
    expectProblem(await request(`${guarded.url}${path}`, { token: expired }), 401, 'token_expired');
    const foreign = signToken({ userId: '1', role: 'admin' }, { secret: 'f'.repeat(40) });
    expectProblem(await request(`${guarded.url}${path}`, { token: foreign }), 401, 'token_invalid');
  });

  it.each(ADMIN_READS)('returns 403 without a configured role: %s', async (path) => {
    for (const claims of [
      {},
      { role: 'user' },
      { roles: ['user', 'administrator'] },
      { roles: 'admin,analyst' },
      { roles: {} },
    ]) {
      const answer = await request(`${guarded.url}${path}`, { token: signToken({ userId: '1', ...claims }) });
      expectProblem(answer, 403, 'role_missing');
    }
  });

  it.each(ADMIN_READS)('is granted to a token with one of the roles: %s', async (path) => {
    for (const claims of [
      { role: 'admin' },
      { role: 'analyst' },
      { roles: ['user', 'admin'] },
      { roles: 'analyst' },
    ]) {
      const answer = await request(`${guarded.url}${path}`, { token: signToken({ userId: '1', ...claims }) });
      expect(answer.status).toBe(200);
    }
  });

  it.each(ADMIN_READS)('is granted to any valid token when no roles are configured: %s', async (path) => {
    expectProblem(await request(`${open.url}${path}`), 401, 'token_missing');
    expect((await request(`${open.url}${path}`, { token: signToken({ userId: '1' }) })).status).toBe(200);
  });

  it.each([
    ['no key', {}],
    ['an empty key', { 'x-internal-api-key': '' }],
    ['a wrong key', { 'x-internal-api-key': 'the-key-of-the-reporting-servicf' }],
    ['a prefix of the key', { 'x-internal-api-key': INTERNAL_KEY.slice(0, -1) }],
    ['the key twice', { 'x-internal-api-key': `${INTERNAL_KEY}, ${INTERNAL_KEY}` }],
    ['the key as a token', { authorization: `Bearer ${INTERNAL_KEY}` }],
    ['the token of an admin', { authorization: `Bearer ${signToken({ userId: '1', role: 'admin' })}` }],
  ])('returns 401 at the internal route for %s', async (_, headers) => {
    expectProblem(await request(`${guarded.url}${internal}`, { headers }), 401, 'internal_key_invalid');
  });

  it('returns 401 at the internal route for every key when none is configured', async () => {
    for (const key of [undefined, '', 'undefined', 'null', INTERNAL_KEY]) {
      const headers = key === undefined ? {} : { 'x-internal-api-key': key };
      expectProblem(await request(`${open.url}${internal}`, { headers }), 401, 'internal_key_invalid');
    }
  });
});
