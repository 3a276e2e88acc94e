import { describe, expect, it, jest } from '@jest/globals';

import { DAU_MESSAGES } from '../../web/src/panels/dau/dau-messages.js';
import { LIFECYCLE_MESSAGES } from '../../web/src/panels/lifecycle/lifecycle-messages.js';
import { ONLINE_DAILY_MESSAGES } from '../../web/src/panels/online-daily/online-daily-messages.js';
import { ONLINE_NOW_MESSAGES } from '../../web/src/panels/online-now/online-now-messages.js';
import { ONLINE_TODAY_MESSAGES } from '../../web/src/panels/online-today/online-today-messages.js';
import { CITIES_MESSAGES } from '../../web/src/panels/provinces/cities-messages.js';
import { cityLabel } from '../../web/src/panels/provinces/city-places.js';
import { PROVINCES_MESSAGES } from '../../web/src/panels/provinces/provinces-messages.js';
import { RETENTION_MESSAGES } from '../../web/src/panels/retention/retention-messages.js';
import { AFTER } from '../../web/src/panels/retention/retention-model.js';
import { ROLLING_MESSAGES } from '../../web/src/panels/rolling/rolling-messages.js';
import { provinceLabel } from '../../web/src/state/provinces.js';
import { daysAgo, shanghaiDay } from '../support/events.js';
import { csvButtonOf, csvOf, download, withoutMark } from '../support/page/csv-files.js';
import { PAGE_MS, useDashboard, type Visit } from '../support/page/dashboard.js';
import { expectSame, rangeOf, rounded, TOKEN } from '../support/page/figures.js';
import { cardOf, dayIn, numberIn, rowsOf } from '../support/page/reading.js';
import { waitFor } from '../support/processes.js';

jest.setTimeout(120_000);

const open = useDashboard();

/** Blanks when provisional days were counted, which is at each request. */
const settled = (csv: string): string => csv.replaceAll(/(,false,\d+,)[^\n]*/g, '$1');

type Cell = string | number | null;

/** One CSV of a card: the same values out of a record of the file and out of a row of the table. */
interface Comparison {
  readonly card: string;
  readonly title?: string;
  readonly label?: string;
  readonly ofRecord: (record: Readonly<Record<string, string>>) => readonly Cell[];
  readonly ofRow: (row: readonly string[]) => readonly Cell[];
  /** Leaves out what goes on while both are read. */
  readonly last?: number;
}

const numberOf = (text: string | undefined): number | null =>
  text === undefined || text === '' ? null : rounded(Number(text));
const cellAt = (row: readonly string[], index: number): number | null => numberIn(row[index] ?? '');
const isFinalIn = (row: readonly string[]): string => String(row.at(-1) === 'final');

/** Every card with a table, in a range of days and, where it follows it, for a province. */
function comparisons(province: string | null): readonly Comparison[] {
  const rolling = ROLLING_MESSAGES.en;
  const cities =
    province === null ? CITIES_MESSAGES.en.title : CITIES_MESSAGES.en.titleOf(provinceLabel(province, 'en'));
  return [
    {
      card: DAU_MESSAGES.en.title,
      ofRecord: ({ day = '', dauCount, isFinal = '', version }) => [
        ...[day, numberOf(dauCount), isFinal, numberOf(version)],
      ],
      ofRow: (row) => [dayIn(row[0] ?? ''), cellAt(row, 1), String(row[2] === 'final'), cellAt(row, 3)],
    },
    ...[7, 30].map((window, index) => ({
      ...{ card: rolling.title, title: rolling.csvTitle(window), label: rolling.csv(window) },
      ofRecord: ({ day = '', activeCount, dauCount, isFinal = '' }: Readonly<Record<string, string>>) => [
        ...[day, numberOf(activeCount), numberOf(dauCount), isFinal],
      ],
      ofRow: (row: readonly string[]) => [
        ...[dayIn(row[0] ?? ''), cellAt(row, 1 + index), cellAt(row, 3), isFinalIn(row)],
      ],
    })),
    {
      card: LIFECYCLE_MESSAGES.en.title,
      ofRecord: ({ day = '', isFinal = '', ...counts }) => [
        day,
        ...['dauCount', 'newCount', 'returningCount', 'resurrectedCount', 'dormantCount'].map((name) =>
          numberOf(counts[name]),
        ),
        isFinal,
      ],
      ofRow: (row) => [
        ...[dayIn(row[0] ?? ''), ...[1, 2, 3, 4, 5].map((index) => cellAt(row, index)), isFinalIn(row)],
      ],
    },
    {
      card: ONLINE_DAILY_MESSAGES.en.title,
      ofRecord: ({ day = '', peakOnlineCount, average, missedMinutes, isFinal = '' }) => [
        ...[day, numberOf(peakOnlineCount), numberOf(average), numberOf(missedMinutes), isFinal],
      ],
      ofRow: (row) => [
        ...[dayIn(row[0] ?? ''), cellAt(row, 1), cellAt(row, 3), cellAt(row, 4), isFinalIn(row)],
      ],
      last: 1,
    },
    {
      card: PROVINCES_MESSAGES.en.title,
      ofRecord: ({ level = '', place = '', activeCount }) => [
        ...[level, provinceLabel(place, 'en'), numberOf(activeCount)],
      ],
      ofRow: (row) => ['province', row[0] ?? '', cellAt(row, 2)],
    },
    {
      card: cities,
      ofRecord: ({ level = '', place = '', activeCount }) => [
        ...[level, cityLabel(place, 'en'), numberOf(activeCount)],
      ],
      ofRow: (row) => ['city', row[0] ?? '', cellAt(row, 2)],
    },
  ];
}

const textsOf = (cells: readonly (readonly Cell[])[], last = 0): string[] =>
  cells
    .map((each) => each.join(' | '))
    .sort()
    .slice(0, cells.length - last);

async function expectRowsOfTable(visit: Visit, one: Comparison): Promise<void> {
  const button = csvButtonOf(visit, one.card, one.title ?? one.card, one.label);
  await expectSame(
    async () => textsOf((await download(button)).records.map(one.ofRecord), one.last),
    async () => {
      const rows = await rowsOf(visit, one.card);
      expect(rows.length).toBeGreaterThan(1);
      return textsOf(rows.map(one.ofRow), one.last);
    },
  );
}

describe('the CSV of each card has the rows that the card shows', () => {
  it.each([
    [7, null],
    [30, '广东省'],
    [90, null],
    [90, '广东省'],
  ] as const)('over %d days, province: %s', async (rangeDays, province) => {
    const settings = { rangeDays, ...(province !== null && { province }) };
    const visit = await open({ token: TOKEN, settings });
    for (const one of comparisons(province)) await expectRowsOfTable(visit, one);
    // The CSV holds those distances alone that the table has columns for.
    const { title } = RETENTION_MESSAGES.en;
    const { records } = await download(csvButtonOf(visit, title, title));
    const rows = await rowsOf(visit, title);
    const cells = rows.flatMap(([day = '', size = '', ...rest]) =>
      rest
        .slice(0, -1)
        .filter((cell) => cell !== '')
        .map((cell) => `${dayIn(day)} ${numberIn(size)} ${numberIn(/^[\d,]+/.exec(cell)?.[0] ?? '')}`),
    );
    expect(
      records
        .filter(({ after }) => after !== '')
        .map(({ day, cohortSize, count }) => `${day} ${cohortSize} ${count}`)
        .sort(),
    ).toEqual(cells.sort());
    expect(cells.length).toBeGreaterThan(rangeDays);
  });

  it('of the last ten minutes online, which were pushed', async () => {
    const visit = await open({ token: TOKEN, isShared: true });
    const { title } = ONLINE_NOW_MESSAGES.en;
    await expectSame(
      async () => {
        const { records } = await download(csvButtonOf(visit, title, title));
        return records.map(({ onlineCount }) => Number(onlineCount));
      },
      async () => {
        const rows = await rowsOf(visit, title);
        const counts = rows.map(([, count = '']) => numberIn(count)).filter((count) => count !== null);
        expect(counts.length).toBeGreaterThan(1);
        return counts.toReversed();
      },
    );
    const { name, text } = await download(csvButtonOf(visit, title, title));
    expect(name).toMatch(/^online-now_\d{4}-\d\d-\d\dT.+\.csv$/);
    expect(text).toMatch(/^\uFEFFts,onlineCount\r\n\d{4}-\d\d-\d\dT[\d:.]+Z,\d+\r\n/);
  });
});

describe('the CSV of a panel', () => {
  it('takes its card along, which would be asked for again minutes later', async () => {
    const visit = await open({ token: TOKEN });
    const { title } = LIFECYCLE_MESSAGES.en;
    await cardOf(visit, title).locator('.card-foot time').waitFor();
    const accepted: (string | undefined)[] = [];
    visit.page.on('request', (each) => {
      if (new URL(each.url()).pathname === '/analytics/lifecycle') accepted.push(each.headers()['accept']);
    });
    await download(csvButtonOf(visit, title, title));
    await waitFor(() => accepted.length === 2, PAGE_MS, { what: `two requests; seen: ${accepted.join()}` });
    expect(accepted.filter((each) => each?.includes('csv') === true)).toHaveLength(1);
  });

  it('of daily active users has the lines of the API', async () => {
    const visit = await open({ token: TOKEN, isShared: true });
    const { title } = DAU_MESSAGES.en;
    const csv = await download(csvButtonOf(visit, title, title));
    expect(csv.name).toMatch(/\.csv$/);
    const lines = (await csvOf(`/analytics/dau?${rangeOf(30)}&zeroDays=true`)).split('\r\n');
    const shown = lines.filter((line, index) => index === 0 || line.includes(',total,') || line === '');
    expect(settled(withoutMark(csv.text))).toBe(settled(shown.join('\r\n')));
  });

  it('of retention is the text of the API', async () => {
    const visit = await open({ token: TOKEN, isShared: true });
    const { title, cohorts } = RETENTION_MESSAGES.en;
    await cardOf(visit, title).getByRole('radio', { name: cohorts.new }).check({ force: true });
    const csv = await download(csvButtonOf(visit, title, title));
    expect(csv.name).toContain('retention-new');
    expect(csv.records.length).toBeGreaterThan(30);
    expect(withoutMark(csv.text)).toBe(
      await csvOf(`/analytics/retention?${rangeOf(30)}&cohort=new&after=${AFTER.join()}`),
    );
  });

  it.each([7, 30])('of rolling active users is the text of the API: %d days', async (window) => {
    const visit = await open({ token: TOKEN, isShared: true });
    const { title, csv: label, csvTitle } = ROLLING_MESSAGES.en;
    const csv = await download(csvButtonOf(visit, title, csvTitle(window), label(window)));
    expect(csv.name).toContain(`rolling-${window}`);
    expect(csv.records).toHaveLength(30);
    expect(withoutMark(csv.text)).toBe(
      await csvOf(`/analytics/rolling-active-users?${rangeOf(30)}&window=${window}`),
    );
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
      expect(csv.records.map(({ onlineCount }) => Number(onlineCount))).toEqual(shown);
      expect(shown.length).toBeGreaterThan(1000);
    }
    const today = cardOf(visit, texts.title).getByRole('button', { name: new RegExp(`^${texts.csvToday}:`) });
    expect((await download(today)).name).toContain(shanghaiDay());
  });
});
