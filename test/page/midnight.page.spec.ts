import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';

import { DAU_MESSAGES } from '../../web/src/panels/dau/dau-messages.js';
import { ONLINE_NOW_MESSAGES } from '../../web/src/panels/online-now/online-now-messages.js';
import { ONLINE_TODAY_MESSAGES } from '../../web/src/panels/online-today/online-today-messages.js';
import { DatabaseClock } from '../support/database-clock.js';
import { Deployment } from '../support/deployment.js';
import {
  daysAgo,
  event,
  millisecondsToMidnight,
  shanghaiDay,
  startOfShanghaiDay,
} from '../support/events.js';
import { postJson, request, signToken } from '../support/http.js';
import { PAGE_MS, useDashboard, type Visit } from '../support/page/dashboard.js';
import { cardOf, dayIn, numberIn, rowsOf } from '../support/page/reading.js';
import { waitFor } from '../support/processes.js';
import type { Service } from '../support/service.js';

jest.setTimeout(180_000);

const open = useDashboard();

const MINUTE_MS = 60_000;
const BEFORE_MS = 10 * MINUTE_MS;
/** Valid by the clock of the test and by that of the service. */
const token = signToken({ userId: '1' }, { expiresInSeconds: 3 * 86_400 });

let deployment: Deployment;
let service: Service;
let clock: DatabaseClock;
/** The day that ends, and the one that begins. */
let oldDay: string;
let newDay: string;

beforeAll(async () => {
  deployment = await Deployment.create();
  clock = await DatabaseClock.install(deployment.stored, millisecondsToMidnight() - BEFORE_MS);
  oldDay = shanghaiDay(clock.nowMs());
  newDay = daysAgo(-1, oldDay);
  service = await deployment.start();
  await waitFor(async () => (await dayOfService()) === oldDay, PAGE_MS);
  await storeCurve(oldDay, 1400, 20);
  await storeCurve(daysAgo(6, oldDay), 1440, 9);
});

afterAll(async () => {
  await deployment?.remove();
});

async function dayOfService(): Promise<string> {
  const { body } = await request(`${service.url}/analytics/dau/realtime`, { token });
  return (body as { day: string }).day;
}

/** Stores the same online count for the first minutes of a day. */
async function storeCurve(day: string, minutes: number, online: number): Promise<void> {
  await deployment.stored.rows(
    `INSERT INTO analytics_online_snapshots (ts, online_count)
     SELECT to_timestamp($1::float8 + 60 * minute), $3 FROM generate_series(0, $2::int - 1) AS minute`,
    [startOfShanghaiDay(day) / 1000, minutes, online],
  );
}

async function startSession(): Promise<void> {
  const { status } = await postJson(`${service.url}/analytics/events`, {
    events: [event({ clientTs: clock.nowMs() / 1000 })],
  });
  expect(status).toBe(200);
}

async function dauOfToday(visit: Visit): Promise<number> {
  const { title, dauToday } = ONLINE_NOW_MESSAGES.en;
  const number = cardOf(visit, title).locator('.number').filter({ hasText: dauToday });
  return Number(/\d+/.exec(await number.locator('dd').innerText())?.[0]);
}

/** Returns the counts of today, yesterday and a week ago in the first minute and at noon. */
async function curvesOf(visit: Visit): Promise<(number | null)[][]> {
  const rows = await rowsOf(visit, ONLINE_TODAY_MESSAGES.en.title);
  return [0, 720].map((minute) => (rows[minute] ?? []).slice(1).map(numberIn));
}

/** Everything that the page asks for by days. */
const RANGED = [
  ...['/analytics/dau', '/analytics/rolling-active-users', '/analytics/lifecycle', '/analytics/retention'],
  ...['/analytics/active-users', '/presence/daily'],
];

/** Waits until the page has asked for the days up to this one, and shows it as today. */
async function expectToday(visit: Visit, day: string, lastDays: ReadonlyMap<string, string>): Promise<void> {
  await waitFor(() => RANGED.every((path) => lastDays.get(path) === day), PAGE_MS, {
    what: `the page asks for the days up to ${day}; it asked for ${JSON.stringify([...lastDays])}`,
  });
  await waitFor(
    async () => {
      const days = (await rowsOf(visit, DAU_MESSAGES.en.title)).map(([text = '']) => dayIn(text));
      return String([days[0], days.at(-1)]) === String([daysAgo(29, day), day]);
    },
    PAGE_MS,
    { what: `the table of active users ends with ${day}` },
  );
  const { title, csvToday } = ONLINE_TODAY_MESSAGES.en;
  const button = cardOf(visit, title).getByRole('button', { name: new RegExp(`^${csvToday}:`) });
  await waitFor(async () => dayIn((await button.getAttribute('aria-label')) ?? '') === day, PAGE_MS);
}

describe('midnight in Shanghai', () => {
  it('turns today into yesterday in a page that stays open', async () => {
    await startSession();
    await startSession();
    const visit = await open({ url: service.url, token: null, now: clock.nowMs() });
    const lastDays = new Map<string, string>();
    visit.page.on('request', (each) => {
      const { pathname, searchParams } = new URL(each.url());
      const day = searchParams.get('endDate');
      // Cards that share a figure leave the old day one after the other.
      if (day !== null && day > (lastDays.get(pathname) ?? '')) lastDays.set(pathname, day);
    });
    await visit.page.evaluate(`location.hash = 'token=${token}'`);
    await waitFor(async () => (await dauOfToday(visit)) === 2, PAGE_MS);
    await expectToday(visit, oldDay, lastDays);
    await waitFor(
      async () =>
        String(await curvesOf(visit)) ===
        String([
          [20, null, null],
          [20, null, null],
        ]),
      PAGE_MS,
    );
    await visit.page.evaluate('window.isTheSameDocument = true');

    await clock.advance(BEFORE_MS + MINUTE_MS / 2);
    await waitFor(async () => (await dayOfService()) === newDay, PAGE_MS);
    await storeCurve(newDay, 1, 33);
    await visit.page.clock.fastForward(BEFORE_MS + MINUTE_MS / 2);

    await expectToday(visit, newDay, lastDays);
    await waitFor(
      async () =>
        String(await curvesOf(visit)) ===
        String([
          [33, 20, 9],
          [null, 20, 9],
        ]),
      PAGE_MS,
    );
    await waitFor(async () => (await dauOfToday(visit)) === 0, PAGE_MS);
    await startSession();
    await waitFor(async () => (await dauOfToday(visit)) === 1, PAGE_MS);
    expect(await visit.page.evaluate('window.isTheSameDocument')).toBe(true);
  });
});
