import { buffer } from 'node:stream/consumers';

import { describe, expect, it, jest } from '@jest/globals';
import type { Locator } from 'playwright-core';

import { formatsOf } from '../../web/src/i18n/formats.js';
import { DAU_MESSAGES } from '../../web/src/panels/dau/dau-messages.js';
import { CITIES_MESSAGES } from '../../web/src/panels/provinces/cities-messages.js';
import { cityLabel } from '../../web/src/panels/provinces/city-places.js';
import { LIFECYCLE_MESSAGES } from '../../web/src/panels/lifecycle/lifecycle-messages.js';
import { ONLINE_TODAY_MESSAGES } from '../../web/src/panels/online-today/online-today-messages.js';
import { PROVINCES_MESSAGES } from '../../web/src/panels/provinces/provinces-messages.js';
import { RETENTION_MESSAGES } from '../../web/src/panels/retention/retention-messages.js';
import { AFTER } from '../../web/src/panels/retention/retention-model.js';
import { ROLLING_MESSAGES } from '../../web/src/panels/rolling/rolling-messages.js';
import { PROVINCES, provinceLabel } from '../../web/src/state/provinces.js';
import { daysAgo, shanghaiDay, startOfShanghaiDay } from '../support/events.js';
import { request } from '../support/http.js';
import { failedAnswer, useDashboard, type Visit } from '../support/page/dashboard.js';
import { ask, expectSame, rangeOf, rounded, TOKEN, type Days } from '../support/page/figures.js';
import { pageServices } from '../support/page/page-services.js';
import { cardOf, dayIn, numberIn, rowsOf } from '../support/page/reading.js';

jest.setTimeout(120_000);

const open = useDashboard();
const percent = (part: number): number => rounded(part * 100);

interface CsvFile {
  readonly name: string;
  readonly text: string;
  /** Cells of the records; no text of the scenes needs quotes. */
  readonly records: readonly (readonly string[])[];
}

async function download(button: Locator): Promise<CsvFile> {
  const [file] = await Promise.all([button.page().waitForEvent('download'), button.click()]);
  // A text consumer would remove the byte order mark.
  const csv = (await buffer(await file.createReadStream())).toString('utf8');
  const records = csv
    .split('\r\n')
    .slice(1, -1)
    .map((line) => line.split(','));
  return { name: file.suggestedFilename(), text: csv, records };
}

/** Returns the CSV of the API. */
async function csvOf(path: string): Promise<string> {
  const { headers, text: csv } = await request(`${pageServices().serviceUrl}${path}`, {
    ...{ token: TOKEN, headers: { accept: 'text/csv' } },
  });
  expect(headers.get('content-type')).toMatch(/^text\/csv/);
  return csv;
}

/** Removes the mark by which spreadsheets take a file for UTF-8. */
const withoutMark = (csv: string): string => csv.replace(/^\uFEFF/, '');

const isoOf = (day: string): string => new Date(startOfShanghaiDay(day)).toISOString();

/** Blanks when provisional days were counted, which is at each request. */
const settled = (csv: string): string => csv.replaceAll(/(,false,\d+,)[^\n]*/g, '$1');

describe('the charts of the page show the figures of the API', () => {
  it('for rolling 7 and 30 days and the stickiness', async () => {
    const visit = await open({ token: TOKEN, isShared: true });
    await expectSame(
      async () =>
        (await rowsOf(visit, ROLLING_MESSAGES.en.title)).map(([day = '', ...cells]) => [
          ...[dayIn(day), ...cells.slice(0, 4).map(numberIn)],
        ]),
      async () => {
        type Rolling = Days<{ activeCount: number; dauCount: number; stickiness?: number }>;
        const [week, month] = await Promise.all(
          [7, 30].map((window) =>
            ask<Rolling>(`/analytics/rolling-active-users?${rangeOf(30)}&window=${window}`),
          ),
        );
        return month!.data.map(({ day, activeCount, dauCount, stickiness }, index) => [
          ...[day, week!.data[index]?.activeCount, activeCount, dauCount],
          stickiness === undefined ? null : percent(stickiness),
        ]);
      },
    );
  });

  it('for new, returning, resurrected and dormant users', async () => {
    const visit = await open({ token: TOKEN, isShared: true });
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
        >(`/analytics/lifecycle?${rangeOf(30)}`);
        return data.map((each) => [
          ...[each.day, each.dauCount, each.newCount, each.returningCount],
          ...[each.resurrectedCount, each.dormantCount],
        ]);
      },
    );
  });

  it.each(['new', 'active'] as const)('for each cell of the retention of cohort %s', async (cohort) => {
    const visit = await open({ token: TOKEN, isShared: true });
    const texts = RETENTION_MESSAGES.en;
    const card = cardOf(visit, texts.title);
    await card.getByRole('radio', { name: texts.cohorts[cohort] }).check({ force: true });
    const heat = card.getByRole('table', { name: texts.caption(texts.cohorts[cohort]) });
    await heat.waitFor();
    const after = (await heat.getByRole('columnheader').allInnerTexts())
      .map((text) => /^\+(\d+)/.exec(text)?.[1])
      .filter((days) => days !== undefined);
    expect(after.length).toBeGreaterThan(3);
    await expectSame(
      async () => {
        const rows = await heat.locator('tbody tr').all();
        const cells = await Promise.all(rows.map((row) => row.locator('td').allInnerTexts()));
        return cells.map(([size = '', ...rates]) => [numberIn(size), ...rates.map((rate) => numberIn(rate))]);
      },
      async () => {
        const { data } = await ask<{
          data: { cohortSize: number; retained: { after: number; rate: number }[] }[];
        }>(`/analytics/retention?${rangeOf(30)}&cohort=${cohort}&after=${after.join()}`);
        return data.toReversed().map(({ cohortSize, retained }) => [
          cohortSize,
          ...after.map((days) => {
            const cell = retained.find((one) => one.after === Number(days));
            return cell === undefined ? null : percent(cell.rate);
          }),
        ]);
      },
    );
  });

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
    for (const { day, cohortSize, retained } of data) {
      const cells = AFTER.map((after) => {
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

describe('the CSV of a panel', () => {
  const buttonOf = (visit: Visit, card: string, title: string, label?: string): Locator =>
    cardOf(visit, card).getByRole('button', {
      name: label === undefined ? visit.t.card.csvOf(title) : `${label}: ${visit.t.card.csvOf(title)}`,
      exact: true,
    });

  it('of daily active users has the rows of the table, as the API writes them', async () => {
    const visit = await open({ token: TOKEN, isShared: true });
    const { title } = DAU_MESSAGES.en;
    const rows = await rowsOf(visit, title);
    const csv = await download(buttonOf(visit, title, title));
    expect(csv.name).toMatch(/\.csv$/);
    expect(csv.records.map(([day, , , count]) => [day, Number(count)])).toEqual(
      rows.map(([day = '', count = '']) => [dayIn(day), numberIn(count)]),
    );
    const lines = (await csvOf(`/analytics/dau?${rangeOf(30)}&zeroDays=true`)).split('\r\n');
    const shown = lines.filter((line, index) => index === 0 || line.includes(',total,') || line === '');
    expect(settled(withoutMark(csv.text))).toBe(settled(shown.join('\r\n')));
  });

  it('of retention is the text of the API', async () => {
    const visit = await open({ token: TOKEN, isShared: true });
    const { title, cohorts } = RETENTION_MESSAGES.en;
    await cardOf(visit, title).getByRole('radio', { name: cohorts.new }).check({ force: true });
    const csv = await download(buttonOf(visit, title, title));
    expect(csv.name).toContain('retention-new');
    expect(csv.records.length).toBeGreaterThan(30);
    expect(withoutMark(csv.text)).toBe(
      await csvOf(`/analytics/retention?${rangeOf(30)}&cohort=new&after=${AFTER.join()}`),
    );
  });

  it.each([7, 30])('of rolling active users is the text of the API: %d days', async (window) => {
    const visit = await open({ token: TOKEN, isShared: true });
    const { title, csv: label, csvTitle } = ROLLING_MESSAGES.en;
    const csv = await download(buttonOf(visit, title, csvTitle(window), label(window)));
    expect(csv.name).toContain(`rolling-${window}`);
    expect(csv.records).toHaveLength(30);
    expect(withoutMark(csv.text)).toBe(
      await csvOf(`/analytics/rolling-active-users?${rangeOf(30)}&window=${window}`),
    );
  });

  it('of cities has the rows of the table: of the country, and of one province', async () => {
    const visit = await open({ token: TOKEN });
    const texts = CITIES_MESSAGES.en;
    for (const [province, cities] of [
      [null, 5],
      ['广东省', 2],
    ] as const) {
      await visit.page
        .getByRole('combobox', { name: visit.t.header.province, exact: true })
        .selectOption(province ?? '');
      const title = province === null ? texts.title : texts.titleOf(provinceLabel(province, 'en'));
      const rows = await rowsOf(visit, title);
      const csv = await download(buttonOf(visit, title, title));
      expect(rows).toHaveLength(cities);
      expect(
        csv.records.map(([, , , city = '', count]) => `${cityLabel(city, 'en')} ${count}`).sort(),
      ).toEqual(rows.map(([city, , count = '']) => `${city} ${numberIn(count)}`).sort());
      expect(csv.text).toMatch(/^\uFEFFstartDate,endDate,level,place,/);
    }
  });

  it('of the minutes online is one file for each day of the table', async () => {
    const visit = await open({ token: TOKEN, isShared: true });
    const texts = ONLINE_TODAY_MESSAGES.en;
    const rows = await rowsOf(visit, texts.title);
    // The minutes of today go on while they are compared.
    for (const [column, label, age] of [
      [2, texts.csvYesterday, 1],
      [3, texts.csvLastWeek, 7],
    ] as const) {
      const day = daysAgo(age);
      const button = cardOf(visit, texts.title).getByRole('button', { name: new RegExp(`^${label}:`) });
      const csv = await download(button);
      expect(csv.name).toContain(day);
      const shown = rows.map((row) => numberIn(row[column] ?? '')).filter((count) => count !== null);
      expect(csv.records.map(([, count]) => Number(count))).toEqual(shown);
      expect(shown.length).toBeGreaterThan(1000);
    }
    const today = cardOf(visit, texts.title).getByRole('button', { name: new RegExp(`^${texts.csvToday}:`) });
    expect((await download(today)).name).toContain(shanghaiDay());
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
    expect(await cardOf(visit, retention.title).locator('.heat-means td').allInnerTexts()).toEqual(
      ['', ...AFTER].map(() => ''),
    );
  });
});
