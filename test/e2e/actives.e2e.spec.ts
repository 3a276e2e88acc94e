import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';

import { addDaysToKey } from '../../src/shared/utils/timezone.util.js';
import { Deployment } from '../support/deployment.js';
import { daysAgo, event, shanghaiDay, startOfShanghaiDay, type WireEvent } from '../support/events.js';
import { expectProblem } from '../support/expect-problem.js';
import { postJson, request, signToken, type Answer } from '../support/http.js';
import { temporaryDirectory } from '../support/processes.js';
import { runBuilt, type Service, type Settings } from '../support/service.js';
import { openSql } from '../support/sql.js';

const KEY = 'the-key-of-the-reporting-service';
const TOKEN = signToken({ userId: '1' });
const ROUTES = ['active-users', 'rolling-active-users', 'lifecycle', 'retention'] as const;
/** Monday. */
const [MONDAY, TUESDAY, WEDNESDAY, SUNDAY] = ['2018-11-05', '2018-11-06', '2018-11-07', '2018-11-11'];

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

jest.setTimeout(60_000);

let deployment: Deployment;
let service: Service;
let env: Settings;

const sessionOn = (day: string, userId: string, properties = {}): WireEvent =>
  event({ clientTs: (startOfShanghaiDay(day) + 1000) / 1000, userId, properties });

beforeAll(async () => {
  deployment = await Deployment.create();
  env = { ...deployment.settings, INTERNAL_API_KEY: KEY };
  const file = join(temporaryDirectory('actives'), 'history.jsonl');
  const guangdong = { province: '广东', city: '深圳' };
  const events = [
    ...[sessionOn(MONDAY, '1', guangdong), sessionOn(MONDAY, '2')],
    ...[sessionOn(TUESDAY, '1', { province: '浙江省' }), sessionOn(TUESDAY, '3', guangdong)],
    ...[sessionOn(WEDNESDAY, '2', guangdong), sessionOn(WEDNESDAY, '4')],
  ];
  writeFileSync(file, events.map((each) => `${JSON.stringify(each)}\n`).join(''));
  expect(await runBuilt('src/cli/events-import.js', [file], env)).toMatchObject({ exitCode: 0 });
  expect(await runBuilt('src/cli/dau-calculate.js', [MONDAY, WEDNESDAY], env)).toMatchObject({ exitCode: 0 });
  service = await deployment.start({ INTERNAL_API_KEY: KEY });
});

afterAll(async () => {
  expect(await deployment.remove()).toEqual([0]);
});

function get(path: string): Promise<Answer> {
  return request(`${service.url}/analytics/${path}`, { token: TOKEN });
}

/** Returns the state of an answer about settled days. */
const settledThrough = (finalThrough: string) => ({
  finalThrough,
  calculatedAt: expect.stringMatching(INSTANT),
});

async function bodyOf(path: string): Promise<unknown> {
  const answer = await get(path);
  expect(answer).toMatchObject({ status: 200 });
  const other = await request(`${service.url}/internal/analytics/${path}`, {
    headers: { 'x-internal-api-key': KEY },
  });
  expect(other).toMatchObject({ status: 200, body: answer.body });
  return answer.body;
}

describe('the figures over spans of days', () => {
  const days = `startDate=${MONDAY}&endDate=${WEDNESDAY}`;

  it('count the active users of whole weeks', async () => {
    expect(await bodyOf(`active-users?startDate=${TUESDAY}&endDate=${WEDNESDAY}&interval=week`)).toEqual({
      interval: 'week',
      data: [
        {
          ...{ startDate: MONDAY, endDate: SUNDAY, activeCount: 4, newCount: 4, returningCount: 0 },
          isFinal: true,
        },
      ],
      total: 1,
      ...settledThrough(SUNDAY),
    });
  });

  it('count a span, and who was seen in each province', async () => {
    const span = `startDate=${TUESDAY}&endDate=${WEDNESDAY}&interval=span`;
    expect(await bodyOf(`active-users?${span}&breakdown=province`)).toEqual({
      interval: 'span',
      data: [
        {
          ...{ startDate: TUESDAY, endDate: WEDNESDAY, activeCount: 4, newCount: 2, returningCount: 2 },
          ...{ isFinal: true, byProvince: { 广东省: 2, 浙江省: 1 } },
        },
      ],
      total: 1,
      ...settledThrough(WEDNESDAY),
    });
  });

  it('take every spelling of a province, and answer 0 for one that nobody was in', async () => {
    for (const [province, activeCount] of [
      ['广东', 3],
      ['Guangdong', 3],
      ['西藏自治区', 0],
      ['Atlantis', 0],
    ] as const) {
      const path = `active-users?${days}&interval=span&province=${encodeURIComponent(province)}`;
      expect(await bodyOf(path)).toMatchObject({ data: [{ activeCount }], total: 1 });
    }
  });

  it('count rolling windows, with the stickiness of 30 days', async () => {
    expect(await bodyOf(`rolling-active-users?${days}`)).toEqual({
      window: 30,
      data: [
        { day: MONDAY, activeCount: 2, dauCount: 2, stickiness: 1, isFinal: true },
        { day: TUESDAY, activeCount: 3, dauCount: 2, stickiness: 0.6667, isFinal: true },
        { day: WEDNESDAY, activeCount: 4, dauCount: 2, stickiness: 0.5, isFinal: true },
      ],
      total: 3,
      ...settledThrough(WEDNESDAY),
    });
    expect(await bodyOf(`rolling-active-users?startDate=${WEDNESDAY}&endDate=${WEDNESDAY}&window=2`)).toEqual(
      {
        window: 2,
        data: [{ day: WEDNESDAY, activeCount: 4, dauCount: 2, isFinal: true }],
        total: 1,
        ...settledThrough(WEDNESDAY),
      },
    );
  });

  it('tell new, returning, resurrected and dormant users', async () => {
    const common = { dauCount: 2, isFinal: true };
    expect(await bodyOf(`lifecycle?${days}`)).toEqual({
      data: [
        { ...common, day: MONDAY, newCount: 2, returningCount: 0, resurrectedCount: 0, dormantCount: 0 },
        { ...common, day: TUESDAY, newCount: 1, returningCount: 1, resurrectedCount: 0, dormantCount: 1 },
        { ...common, day: WEDNESDAY, newCount: 1, returningCount: 1, resurrectedCount: 1, dormantCount: 2 },
      ],
      total: 3,
      ...settledThrough(WEDNESDAY),
    });
  });

  it('count how many of a cohort come back', async () => {
    expect(await bodyOf(`retention?startDate=${MONDAY}&endDate=${MONDAY}&cohort=new&after=2,1,30`)).toEqual({
      cohort: 'new',
      data: [
        {
          ...{ day: MONDAY, cohortSize: 2 },
          retained: [
            { after: 1, count: 1, rate: 0.5 },
            { after: 2, count: 1, rate: 0.5 },
            { after: 30, count: 0, rate: 0 },
          ],
        },
      ],
      total: 1,
      ...settledThrough(addDaysToKey(MONDAY, 30)),
    });
  });

  it('leave out days in the future and days after a cohort that are not over', async () => {
    const [future, today] = [daysAgo(-9), shanghaiDay()];
    for (const path of [
      'active-users?interval=day&',
      'rolling-active-users?',
      'lifecycle?',
      'retention?cohort=new&',
    ]) {
      expect(await bodyOf(`${path}startDate=${future}&endDate=${future}`)).toMatchObject({
        data: [],
        total: 0,
      });
      expect(await bodyOf(`${path}startDate=${today}&endDate=${future}`)).toMatchObject({ total: 1 });
    }
    const cohort = `retention?startDate=${daysAgo(3)}&endDate=${today}&cohort=active&after=1,2,3`;
    const { data } = (await bodyOf(cohort)) as { data: { retained: { after: number }[] }[] };
    expect(data.map(({ retained }) => retained.map(({ after }) => after))).toEqual([[1, 2], [1], [], []]);
  });

  it('are provisional today, and for every later figure while a day is not settled', async () => {
    const owner = await openSql(deployment.database.ownerUrl);
    const finalOf = async (): Promise<unknown[]> => {
      const { data, finalThrough } = (await bodyOf(`lifecycle?${days}`)) as {
        data: { isFinal: boolean }[];
        finalThrough: string;
      };
      return [...data.map(({ isFinal }) => isFinal), finalThrough];
    };
    try {
      await owner.rows('INSERT INTO analytics_dau_pending (day) VALUES ($1::date)', [TUESDAY]);
      expect(await finalOf()).toEqual([true, false, false, MONDAY]);
    } finally {
      await owner.rows('DELETE FROM analytics_dau_pending');
      await owner.close();
    }
    expect(await finalOf()).toEqual([true, true, true, WEDNESDAY]);
    const today = shanghaiDay();
    expect(await bodyOf(`lifecycle?startDate=${today}&endDate=${today}`)).toMatchObject({
      data: [{ isFinal: false }],
    });
  });
});

describe('the validator of an answer', () => {
  const days = `startDate=${MONDAY}&endDate=${MONDAY}`;

  it.each([
    `active-users?${days}&interval=day`,
    `rolling-active-users?${days}`,
    `lifecycle?${days}`,
    `retention?${days}&cohort=new&after=1`,
  ])('changes when its own days are counted anew, and stays when later ones are: %s', async (path) => {
    const tagOf = async (): Promise<string | null> => (await get(path)).headers.get('etag');
    const owner = await openSql(deployment.database.ownerUrl);
    const countAnew = (day: string): Promise<unknown> =>
      owner.rows(
        `UPDATE analytics_active_days SET built_at = built_at + interval '1 minute' WHERE day = $1::date`,
        [day],
      );
    try {
      const first = await tagOf();
      expect(first).toMatch(/^W\//);
      await countAnew(WEDNESDAY);
      expect(await tagOf()).toBe(first);
      await countAnew(MONDAY);
      await countAnew(TUESDAY);
      const second = await tagOf();
      expect(second).not.toBe(first);
      expect(await tagOf()).toBe(second);
    } finally {
      await owner.close();
    }
  });
});

describe('an answer with provisional figures', () => {
  const today = shanghaiDay();
  const PATHS = [
    `active-users?startDate=${today}&endDate=${today}&interval=span&breakdown=province`,
    `rolling-active-users?startDate=${today}&endDate=${today}`,
    `lifecycle?startDate=${today}&endDate=${today}`,
    `retention?startDate=${daysAgo(1)}&endDate=${today}&cohort=active&after=1`,
  ];
  const ask = (path: string, etag: string): Promise<Answer> =>
    request(`${service.url}/analytics/${path}`, { token: TOKEN, headers: { 'if-none-match': etag } });
  const calculateToday = async (): Promise<void> => {
    expect(await runBuilt('src/cli/dau-calculate.js', [today], env)).toMatchObject({ exitCode: 0 });
  };

  it('is 304 until the next rollup, and whole after it', async () => {
    await calculateToday();
    const answers = await Promise.all(PATHS.map(get));
    const etags = answers.map(({ headers }) => headers.get('etag') ?? '');
    for (const [n, path] of PATHS.entries()) {
      const { status, text, headers } = await ask(path, etags[n]!);
      expect({ path, status, text, etag: headers.get('etag') }).toEqual({
        ...{ path, status: 304, text: '', etag: etags[n] },
      });
    }
    const events = [event({ userId: '77', clientTs: Date.now() / 1000 })];
    const sent = await postJson(`${service.url}/analytics/events`, { events });
    expect(sent).toMatchObject({ status: 200, body: { accepted: 1 } });
    await calculateToday();
    for (const [n, path] of PATHS.entries()) {
      const answer = await ask(path, etags[n]!);
      expect({ path, status: answer.status }).toEqual({ path, status: 200 });
      expect(answer.headers.get('etag')).not.toBe(etags[n]);
    }
  });
});

describe('bad requests for figures over spans', () => {
  const range = 'startDate=2018-11-01&endDate=2018-11-30';

  it.each([
    [
      'a reversed range',
      'lifecycle?startDate=2018-11-02&endDate=2018-11-01',
      'date_range_invalid',
      /swap it/,
    ],
    [
      'a day that does not exist',
      'lifecycle?startDate=2018-11-31&endDate=2018-12-01',
      'date_range_invalid',
      /startDate/,
    ],
    [
      'a span of ten years',
      'active-users?interval=span&startDate=2015-01-01&endDate=2025-01-01',
      'date_range_invalid',
      /366/,
    ],
    ['a range without an end', 'rolling-active-users?startDate=2018-11-01', 'request_invalid', /endDate/],
    ['a window of 0', `rolling-active-users?${range}&window=0`, 'request_invalid', /window.*1 to 366.*"0"/],
    ['a window of 367', `rolling-active-users?${range}&window=367`, 'request_invalid', /window.*"367"/],
    ['a window in exponents', `rolling-active-users?${range}&window=1e2`, 'request_invalid', /window/],
    ['letters in after', `retention?${range}&cohort=new&after=1,two`, 'request_invalid', /after.*"1,two"/],
    ['an empty after', `retention?${range}&cohort=new&after=`, 'request_invalid', /after/],
    [
      '400 values of after',
      `retention?${range}&cohort=new&after=${Array(400).fill(1).join()}`,
      'request_invalid',
      /array of 400/,
    ],
    ['after of 367', `retention?${range}&cohort=new&after=367`, 'request_invalid', /after/],
    [
      'a year with 31 values of after',
      `retention?startDate=2018-01-01&endDate=2018-12-31&cohort=new&after=${Array.from({ length: 31 }, (_, n) => n + 1).join()}`,
      'date_range_invalid',
      /365 times 31/,
    ],
    ['no cohort', `retention?${range}`, 'request_invalid', /cohort.*new, active/],
    ['an unknown interval', `active-users?${range}&interval=year`, 'request_invalid', /interval.*"year"/],
    ['no interval', `active-users?${range}`, 'request_invalid', /interval/],
    [
      'a breakdown of weeks',
      `active-users?${range}&interval=week&breakdown=city`,
      'request_invalid',
      /interval=span/,
    ],
    [
      'a breakdown beside a filter',
      `active-users?${range}&interval=span&breakdown=city&province=x`,
      'request_invalid',
      /breakdown.*province/,
    ],
    [
      'both filters',
      `active-users?${range}&interval=span&province=x&city=y`,
      'request_invalid',
      /city.*province/,
    ],
    [
      'both filters of a window',
      `rolling-active-users?${range}&province=x&city=y`,
      'request_invalid',
      /city.*province/,
    ],
    [
      'a word for no place',
      `active-users?${range}&interval=span&province=unknown`,
      'request_invalid',
      /province/,
    ],
    ['a place with NUL', `active-users?${range}&interval=span&city=a%00b`, 'request_invalid', /city/],
    ['an empty place', `active-users?${range}&interval=span&city=`, 'request_invalid', /city/],
    [
      'a place of 129 characters',
      `active-users?${range}&interval=span&city=${'x'.repeat(129)}`,
      'request_invalid',
      /city.*128/,
    ],
    ['a filter where there is none', `lifecycle?${range}&province=x`, 'request_invalid', /province/],
    ['a repeated parameter', `retention?${range}&cohort=new&cohort=active`, 'request_invalid', /cohort/],
  ])('answer 400 to %s, at both doors', async (_, path, code, detail) => {
    const answers = [
      await get(path),
      await request(`${service.url}/internal/analytics/${path}`, { headers: { 'x-internal-api-key': KEY } }),
    ];
    for (const answer of answers) {
      expectProblem(answer, 400, code);
      expect((answer.body as { detail: string }).detail).toMatch(detail);
    }
  });

  it.each([
    'active-users?interval=day',
    'active-users?interval=week',
    'active-users?interval=month',
    'active-users?interval=span&breakdown=province',
    'rolling-active-users?window=366',
    'rolling-active-users?province=x',
    'lifecycle?',
    'retention?cohort=new&after=366',
    'dau?zeroDays=true',
  ])('answer 400 to the ends of the calendar, and 200 to the first and the last year: %s', async (path) => {
    const ask = (first: string, last: string): ReturnType<typeof get> =>
      get(`${path}&startDate=${first}&endDate=${last}`.replace('?&', '?'));
    for (const day of ['9999-12-31', '9999-01-01', '2101-01-01', '1969-12-31', '0001-01-01']) {
      expectProblem(await ask(day, day), 400, 'date_range_invalid');
    }
    expect(await ask('1970-01-01', '1970-12-31')).toMatchObject({ status: 200 });
    expect(await ask('2100-01-01', '2100-12-31')).toMatchObject({ status: 200 });
  });

  it.each(ROUTES)('answer 401 without a token or the key: %s', async (route) => {
    expectProblem(await request(`${service.url}/analytics/${route}?${range}`), 401, 'token_missing');
    const path = `${service.url}/internal/analytics/${route}?${range}`;
    expectProblem(await request(path, { token: TOKEN }), 401, 'internal_key_invalid');
  });
});

describe('actives:build', () => {
  it('builds the bits of days that have figures from before, and the audit agrees', async () => {
    const owner = await openSql(deployment.database.ownerUrl);
    await owner.rows(
      `TRUNCATE analytics_identities, analytics_identity_counters, analytics_identity_blocks, analytics_active_days, analytics_active_bits,
         analytics_place_actives`,
    );
    const path = `lifecycle?startDate=${MONDAY}&endDate=${WEDNESDAY}`;
    expect(await bodyOf(path)).toMatchObject({ data: Array(3).fill({ dauCount: 0, isFinal: false }) });
    const built = await runBuilt('src/cli/actives-build.js', [MONDAY, WEDNESDAY], env);
    expect(built).toMatchObject({ exitCode: 0 });
    expect(built.output).toContain(`${TUESDAY}  2\n`);
    expect(built.output).toContain('Built 3 days with 6 user-days.');
    expect(await bodyOf(path)).toMatchObject({ data: Array(3).fill({ dauCount: 2, isFinal: true }) });
    const weeks = await owner.rows("SELECT to_char(week, 'YYYY-MM-DD') AS week FROM analytics_active_weeks");
    expect(weeks).toContainEqual({ week: MONDAY });
    const audited = await runBuilt('src/cli/dau-audit.js', [MONDAY, WEDNESDAY], env);
    expect(audited).toMatchObject({ exitCode: 0 });
    expect(audited.output).toMatch(/^2018-11-05( +2){3} +– +2$/m);
    await owner.rows(
      `UPDATE analytics_active_bits SET bits = bits & ~ bits WHERE day = '${MONDAY}' AND kind = 0`,
    );
    const tampered = await runBuilt('src/cli/dau-audit.js', [MONDAY], env);
    expect(tampered).toMatchObject({ exitCode: 1 });
    expect(tampered.output).toContain('drift: bits: 2 identities of the log have no bit');
    expect(tampered.output).toContain('npm run actives:build');
    await owner.close();
  });
});
