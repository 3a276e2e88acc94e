import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { Deployment } from '../support/deployment.js';
import { daysAgo } from '../support/events.js';
import { expectProblem } from '../support/expect-problem.js';
import { request, signToken, type Answer } from '../support/http.js';
import type { Service } from '../support/service.js';

const KEY = 'the-key-of-the-reporting-service';
const TOKEN = signToken({ userId: '1' });
const DAYS = 'startDate=2025-01-13&endDate=2025-01-16';

let deployment: Deployment;
let service: Service;

/** Stores figures of three days, and snapshots of two: one with a missing minute, one with the record. */
beforeAll(async () => {
  deployment = await Deployment.create();
  service = await deployment.start({ INTERNAL_API_KEY: KEY });
  const { stored } = deployment;
  await stored.rows(
    `INSERT INTO analytics_daily_active_users (day, dau_count, dau_by_province, dau_by_city, calculated_at, version) VALUES
     ('2025-01-13', 5, '{"广东省": 3, "浙江省": 2}', '{"深圳市": 3}', '2025-01-13T17:00:00Z', 1),
     ('2025-01-14', 4, '{"广东省": 4}', '{}', '2025-01-20T09:00:00Z', 3),
     ('2025-01-16', 1, '{}', '{"深圳市": 1}', '2025-01-16T16:59:59Z', 2)`,
  );
  await stored.rows(
    `INSERT INTO analytics_online_snapshots (ts, online_count)
     SELECT ts, CASE WHEN extract(minute FROM ts) = 30 THEN 9 ELSE 7 END
     FROM generate_series(timestamptz '2025-01-14 00:00+08', '2025-01-14 23:59+08', '1 min') ts
     WHERE ts <> '2025-01-14 12:00+08'`,
  );
  await stored.rows(
    `INSERT INTO analytics_online_snapshots (ts, online_count) VALUES ('2024-06-01 20:00+08', 42)`,
  );
});

afterAll(async () => {
  expect(await deployment?.remove()).toEqual([0]);
});

const internal = (path: string): Promise<Answer> =>
  request(`${service.url}/internal${path}`, { headers: { 'x-internal-api-key': KEY } });

const open = (path: string): Promise<Answer> => request(`${service.url}${path}`, { token: TOKEN });

/** Returns the body, which is the same at both doors. */
async function bodyOf(path: string): Promise<unknown> {
  const answer = await open(path);
  expect(answer).toMatchObject({ status: 200 });
  expect(await internal(path)).toMatchObject({ status: 200, body: answer.body });
  return answer.body;
}

async function expectRefused(path: string, code: string, detail: RegExp): Promise<void> {
  for (const answer of [await open(path), await internal(path)]) {
    expectProblem(answer, 400, code);
    expect((answer.body as { detail: string }).detail).toMatch(detail);
  }
}

describe('GET /analytics/dau', () => {
  const counts = async (query: string): Promise<unknown> =>
    (
      (await bodyOf(`/analytics/dau?${DAYS}${query}`)) as { data: { day: string; dauCount: number }[] }
    ).data.map(({ day, dauCount }) => `${day.slice(8)}: ${dauCount}`);

  it('says of each day whether it is final, its version, and when it was calculated', async () => {
    expect(await bodyOf(`/analytics/dau?${DAYS}&zeroDays=true`)).toMatchObject({
      data: [
        { day: '2025-01-13', isFinal: true, version: 1, calculatedAt: '2025-01-13T17:00:00.000Z' },
        { day: '2025-01-14', isFinal: true, version: 3 },
        { day: '2025-01-15', dauCount: 0, isFinal: true, version: 0, calculatedAt: null },
        { day: '2025-01-16', isFinal: false, version: 2 },
      ],
      total: 4,
    });
  });

  it.each([
    ['', ['13: 5', '14: 4', '16: 1']],
    ['&province=guangdong', ['13: 3', '14: 4']],
    ['&city=深圳市', ['13: 3', '16: 1']],
    ['&province=西藏自治区', []],
    ['&province=Atlantis&zeroDays=true', ['13: 0', '14: 0', '15: 0', '16: 0']],
  ])('counts one place alone: %s', async (query, expected) => {
    expect(await counts(query)).toEqual(expected);
  });

  it('has no days in the future, not even empty ones', async () => {
    const [tomorrow, later] = [daysAgo(-1), daysAgo(-9)];
    const path = `/analytics/dau?startDate=${tomorrow}&endDate=${later}&zeroDays=true`;
    expect(await bodyOf(path)).toEqual({ data: [], total: 0 });
  });

  it('leaves days that were calculated later than `changedSince`, on the internal route alone', async () => {
    const path = `/analytics/dau?${DAYS}&changedSince=2025-01-16T00:00:00Z`;
    const { body } = await internal(path);
    expect(body).toMatchObject({ data: [{ day: '2025-01-14' }, { day: '2025-01-16' }], total: 2 });
    expectProblem(await open(path), 400, 'request_invalid');
    for (const since of ['yesterday', '2025-01-16', ''])
      expectProblem(await internal(`/analytics/dau?${DAYS}&changedSince=${since}`), 400, 'request_invalid');
  });

  it.each([
    ['both filters', 'province=x&city=y', /city.*province/],
    ['a word for no place', 'province=unknown', /province/],
    ['zeroDays that is no truth value', 'zeroDays=maybe', /zeroDays.*"maybe"/],
    ['a breakdown', 'breakdown=city', /breakdown/],
  ])('answers 400 to %s', async (_, query, detail) => {
    await expectRefused(`/analytics/dau?${DAYS}&${query}`, 'request_invalid', detail);
  });
});

describe('GET /presence/daily', () => {
  it('has peak, mean and missed minutes of each day with snapshots, and the record of all time', async () => {
    expect(await bodyOf('/presence/daily?startDate=2025-01-14&endDate=2025-01-14')).toEqual({
      data: [
        {
          day: '2025-01-14',
          peak: { ts: '2025-01-13T16:30:00.000Z', onlineCount: 9 },
          ...{ average: 7.03, samples: 1439, missedMinutes: 1, isFinal: true },
        },
      ],
      lastSnapshotAt: '2025-01-14T15:59:00.000Z',
      record: { ts: '2024-06-01T12:00:00.000Z', onlineCount: 42 },
      total: 1,
    });
  });

  it('has days of an outage without a peak and a mean, in JSON and in CSV', async () => {
    const path = '/presence/daily?startDate=2025-01-15&endDate=2025-01-16';
    const none = { samples: 0, missedMinutes: 1440, isFinal: true };
    expect(await bodyOf(path)).toMatchObject({
      data: [
        { day: '2025-01-15', ...none },
        { day: '2025-01-16', ...none },
      ],
      lastSnapshotAt: null,
      total: 2,
    });
    const csv = await request(`${service.url}${path}`, { token: TOKEN, headers: { accept: 'text/csv' } });
    expect(csv.text).toBe(
      'day,peakTs,peakOnlineCount,average,samples,missedMinutes,isFinal\r\n' +
        '2025-01-15,,,,0,1440,true\r\n2025-01-16,,,,0,1440,true\r\n',
    );
  });

  it('has no days before the first snapshot', async () => {
    expect(await bodyOf('/presence/daily?startDate=2024-01-01&endDate=2024-06-02')).toMatchObject({
      data: [{ day: '2024-06-01' }, { day: '2024-06-02', samples: 0 }],
    });
  });

  it('has no days in the future', async () => {
    const path = `/presence/daily?startDate=${daysAgo(-1)}&endDate=${daysAgo(-9)}`;
    expect(await bodyOf(path)).toMatchObject({ data: [], lastSnapshotAt: null, total: 0 });
  });

  it.each([
    ['a reversed range', 'startDate=2025-01-02&endDate=2025-01-01', 'date_range_invalid', /swap it/],
    ['367 days', 'startDate=2024-01-01&endDate=2025-01-01', 'date_range_invalid', /366/],
    [
      'a range of 9,999 years',
      'startDate=0001-01-01&endDate=9999-12-31',
      'date_range_invalid',
      /1970 and 2100/,
    ],
    ['30 February', 'startDate=2025-02-01&endDate=2025-02-30', 'date_range_invalid', /endDate/],
    ['a missing end', 'startDate=2025-01-01', 'request_invalid', /endDate/],
    ['a filter', 'startDate=2025-01-01&endDate=2025-01-02&province=x', 'request_invalid', /province/],
    [
      'a repeated day',
      'startDate=2025-01-01&startDate=2025-01-02&endDate=2025-01-03',
      'request_invalid',
      /startDate/,
    ],
  ])('answers 400 to %s', async (_, query, code, detail) => {
    await expectRefused(`/presence/daily?${query}`, code, detail);
  });
});

describe('GET /internal/presence/online-history', () => {
  it('is the same as the public one', async () => {
    const span = 'startTime=2025-01-13T16:00:00Z&endTime=2025-01-13T18:00:00Z&interval=1h';
    expect(await bodyOf(`/presence/online-history?${span}`)).toMatchObject({ peak: { onlineCount: 9 } });
  });
});
