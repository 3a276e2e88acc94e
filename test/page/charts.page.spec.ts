import { describe, expect, it, jest } from '@jest/globals';

import type { Locator } from 'playwright-core';

import { formatsOf } from '../../web/src/i18n/formats.js';
import { LIFECYCLE_MESSAGES } from '../../web/src/panels/lifecycle/lifecycle-messages.js';
import { ONLINE_DAILY_MESSAGES } from '../../web/src/panels/online-daily/online-daily-messages.js';
import { ONLINE_TODAY_MESSAGES } from '../../web/src/panels/online-today/online-today-messages.js';
import { PROVINCES_MESSAGES } from '../../web/src/panels/provinces/provinces-messages.js';
import { RETENTION_MESSAGES } from '../../web/src/panels/retention/retention-messages.js';
import { AFTER } from '../../web/src/panels/retention/retention-model.js';
import { ROLLING_MESSAGES } from '../../web/src/panels/rolling/rolling-messages.js';
import { RANGE_DAYS } from '../../web/src/state/day-range.js';
import { PROVINCES } from '../../web/src/state/provinces.js';
import { shanghaiDay, startOfShanghaiDay } from '../support/events.js';
import { failedAnswer, PAGE_MS, useDashboard } from '../support/page/dashboard.js';
import { ask, expectSame, rangeOf, rounded, TOKEN, type Days } from '../support/page/figures.js';
import { cardOf, dayIn, numberIn, rowsOf } from '../support/page/reading.js';
import { waitFor } from '../support/processes.js';

jest.setTimeout(120_000);

const open = useDashboard();
const percent = (part: number): number => rounded(part * 100);

const isoOf = (day: string): string => new Date(startOfShanghaiDay(day)).toISOString();

describe('the charts of the page show the figures of the API', () => {
  it.each(RANGE_DAYS)('for rolling 7 and 30 days and the stickiness, over %d days', async (rangeDays) => {
    const visit = await open({ token: TOKEN, isShared: true, settings: { rangeDays } });
    await expectSame(
      async () =>
        (await rowsOf(visit, ROLLING_MESSAGES.en.title)).map(([day = '', ...cells]) => [
          ...[dayIn(day), ...cells.slice(0, 4).map(numberIn)],
        ]),
      async () => {
        type Rolling = Days<{ activeCount: number; dauCount: number; stickiness?: number }>;
        const [week, month] = await Promise.all(
          [7, 30].map((window) =>
            ask<Rolling>(`/analytics/rolling-active-users?${rangeOf(rangeDays)}&window=${window}`),
          ),
        );
        expect(month!.data).toHaveLength(rangeDays);
        return month!.data.map(({ day, activeCount, dauCount, stickiness }, index) => [
          ...[day, week!.data[index]?.activeCount, activeCount, dauCount],
          stickiness === undefined ? null : percent(stickiness),
        ]);
      },
    );
  });

  it.each(RANGE_DAYS)(
    'for new, returning, resurrected and dormant users, over %d days',
    async (rangeDays) => {
      const visit = await open({ token: TOKEN, isShared: true, settings: { rangeDays } });
      await expectSame(
        async () =>
          (await rowsOf(visit, LIFECYCLE_MESSAGES.en.title)).map(([day = '', ...cells]) => [
            ...[dayIn(day), ...cells.slice(0, 5).map(numberIn)],
          ]),
        async () => {
          const { data } = await ask<
            Days<
              Record<'dauCount' | 'newCount' | 'returningCount' | 'resurrectedCount' | 'dormantCount', number>
            >
          >(`/analytics/lifecycle?${rangeOf(rangeDays)}`);
          expect(data).toHaveLength(rangeDays);
          return data.map((each) => [
            ...[each.day, each.dauCount, each.newCount, each.returningCount],
            ...[each.resurrectedCount, each.dormantCount],
          ]);
        },
      );
    },
  );

  it.each([
    ['new', 7, '1,2,3'],
    ['new', 30, '1,2,3,7,14'],
    ['new', 90, '1,2,3,7,14,30'],
    ['active', 90, '1,2,3,7,14,30'],
  ] as const)(
    'for each cell of the retention: %s users, over %d days',
    async (cohort, rangeDays, reached) => {
      const visit = await open({ token: TOKEN, isShared: true, settings: { rangeDays } });
      const texts = RETENTION_MESSAGES.en;
      const card = cardOf(visit, texts.title);
      await card.getByRole('radio', { name: texts.cohorts[cohort] }).check({ force: true });
      const heat = card.getByRole('table', { name: texts.caption(texts.cohorts[cohort]) });
      await heat.waitFor();
      const after = (await heat.getByRole('columnheader').allInnerTexts())
        .map((text) => /^\+(\d+)/.exec(text)?.[1])
        .filter((days) => days !== undefined);
      expect(after.join()).toBe(reached);
      await expectSame(
        async () => {
          const rows = await heat.locator('tbody tr').all();
          const cells = await Promise.all(rows.map((row) => row.locator('td').allInnerTexts()));
          return cells.map(([size = '', ...rates]) => [
            numberIn(size),
            ...rates.map((rate) => numberIn(rate)),
          ]);
        },
        async () => {
          const { data } = await ask<{
            data: { cohortSize: number; retained: { after: number; rate: number }[] }[];
          }>(`/analytics/retention?${rangeOf(rangeDays)}&cohort=${cohort}&after=${reached}`);
          return data.toReversed().map(({ cohortSize, retained }) => [
            cohortSize,
            ...after.map((days) => {
              const cell = retained.find((one) => one.after === Number(days));
              return cell === undefined || cohortSize === 0 ? null : percent(cell.rate);
            }),
          ]);
        },
      );
    },
  );

  it('for users and rates in the table behind the retention, with the provisional days marked', async () => {
    const visit = await open({ token: TOKEN });
    const { title, countedRate } = RETENTION_MESSAGES.en;
    const format = formatsOf('en');
    const { state, final, provisional } = visit.t.chart;
    await cardOf(visit, title).locator('.heat-table').waitFor();
    const rows = await rowsOf(visit, title);
    const headings = await cardOf(visit, title).locator('.table-of th[scope="col"]').allInnerTexts();
    expect(headings.at(-1)).toBe(state);
    expect(new Set(rows.map((row) => row.at(-1)))).toEqual(new Set([final, provisional]));
    const { data } = await ask<{
      data: { day: string; cohortSize: number; retained: { after: number; count: number; rate: number }[] }[];
    }>(`/analytics/retention?${rangeOf(30)}&cohort=new&after=${AFTER.join()}`);
    const mark = `, ${provisional}`;
    const shown = new Map(rows.map(([day = '', , ...cells]) => [dayIn(day), cells.slice(0, -1)] as const));
    const reached = AFTER.filter((days) => days < 30);
    for (const { day, cohortSize, retained } of data) {
      const cells = reached.map((after) => {
        const cell = retained.find((one) => one.after === after);
        if (cell === undefined) return '';
        const count = format.count(cell.count);
        return cohortSize === 0 ? count : countedRate(count, format.percent(cell.rate));
      });
      expect([day, shown.get(day)?.map((cell) => cell.replace(mark, ''))]).toEqual([day, cells]);
    }
  });

  it('for the users of each province, and of one that is chosen by its tile', async () => {
    const visit = await open({ token: TOKEN });
    const texts = PROVINCES_MESSAGES.en;
    const card = cardOf(visit, texts.title);
    const nameOf = (name: string): string =>
      PROVINCES.find((province) => province.name === name)?.short.en ?? name;
    await expectSame(
      async (): Promise<Record<string, number | null>> =>
        Object.fromEntries(
          (await rowsOf(visit, texts.title))
            .map(([name = '', , count = '']) => [name, numberIn(count)] as const)
            // The page lists every province, the answer those with users.
            .filter(([, count]) => count !== 0),
        ),
      async () => {
        const { data } = await ask<{ data: { byProvince: Record<string, number> }[] }>(
          `/analytics/active-users?${rangeOf(30)}&interval=span&breakdown=province`,
        );
        const known = Object.entries(data[0]!.byProvince);
        expect(known.length).toBeGreaterThan(3);
        return Object.fromEntries(known.map(([name, count]) => [nameOf(name), count]));
      },
    );
    const tile = card.getByRole('button', { name: new RegExp(`^${nameOf('浙江省')}: [1-9]`) });
    await tile.click();
    expect(
      await visit.page.getByRole('combobox', { name: visit.t.header.province, exact: true }).inputValue(),
    ).toBe('浙江省');
    expect(await tile.getAttribute('aria-pressed')).toBe('true');
  });
});

/** Describes a canvas of the browser; tests know no types of the DOM. */
interface Canvas {
  readonly width: number;
  readonly height: number;
  getContext(kind: '2d'): {
    getImageData(x: number, y: number, width: number, height: number): { readonly data: ArrayLike<number> };
  };
}

/** Counts the pixels that are drawn in a colour; the grid and the texts of a chart are almost grey. */
const colouredPixelsOf = (chart: Locator): Promise<number> =>
  chart.locator('canvas').evaluate((canvas: Canvas) => {
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    let count = 0;
    for (let at = 0; at < data.length; at += 4) {
      const [red = 0, green = 0, blue = 0] = [data[at], data[at + 1], data[at + 2]];
      const isColoured = Math.max(red, green, blue) - Math.min(red, green, blue) > 60;
      if (isColoured && (data[at + 3] ?? 0) > 128) count += 1;
    }
    return count;
  });

describe('a value without a neighbour', () => {
  it.each([
    ['a first day of snapshots', 1, true],
    ['no day at all', 0, false],
  ])('is drawn all the same: %s', async (_, days, isDrawn) => {
    const visit = await open({ token: null });
    const { title } = ONLINE_DAILY_MESSAGES.en;
    await visit.page.route(
      (url) => url.pathname === '/presence/daily',
      async (route) => {
        const { data, ...rest } = (await (await route.fetch()).json()) as { data: object[] };
        const counts = { peak: { onlineCount: 9, ts: new Date().toISOString() }, average: 5 };
        const none = { peak: undefined, average: undefined };
        const shown = data.map((day, index) => ({ ...day, ...(index < data.length - days ? none : counts) }));
        await route.fulfill({ json: { ...rest, data: shown } });
      },
    );
    await visit.page.evaluate(`location.hash = 'token=${TOKEN}'`);
    const chart = cardOf(visit, title).getByRole('slider', { name: title });
    await chart.locator('canvas').waitFor();
    await waitFor(async () => (await colouredPixelsOf(chart)) > 0 === isDrawn, PAGE_MS);
  });
});

describe('a part of a figure that the service cannot read', () => {
  it('is named with the code, and the rest is shown', async () => {
    const visit = await open({ token: TOKEN, tolerates: [failedAnswer(503)] });
    const answer = {
      ...{ status: 503, contentType: 'application/problem+json' },
      body: JSON.stringify({ code: 'database_unavailable', detail: 'The database does not answer.' }),
    };
    const isPast = (url: URL): boolean =>
      url.pathname === '/presence/online-history' &&
      url.searchParams.get('startTime') !== isoOf(shanghaiDay());
    await visit.page.route(isPast, (route) => route.fulfill(answer));
    await visit.page.route(
      (url) => url.pathname === '/analytics/lifecycle',
      (route) => route.fulfill(answer),
    );
    await visit.page.reload();
    const [today, retention] = [ONLINE_TODAY_MESSAGES.en, RETENTION_MESSAGES.en];
    for (const [title, text] of [
      [today.title, today.yesterdayUnread],
      [today.title, today.lastWeekUnread],
      [retention.title, retention.finalUnknown],
    ] as const) {
      const notice = cardOf(visit, title).getByRole('status').filter({ hasText: text });
      await notice.getByText(visit.t.problem.code('database_unavailable')).waitFor();
    }
    await cardOf(visit, today.title).getByText(today.peak).first().waitFor();
    const means = await cardOf(visit, retention.title).locator('.heat-means td').allInnerTexts();
    expect([means.length > 3, new Set(means)]).toEqual([true, new Set([''])]);
  });
});
