import { text } from 'node:stream/consumers';

import { describe, expect, it, jest } from '@jest/globals';
import type { Locator } from 'playwright-core';

import { DAU_MESSAGES } from '../../web/src/panels/dau/dau-messages.js';
import { LIFECYCLE_MESSAGES } from '../../web/src/panels/lifecycle/lifecycle-messages.js';
import { PROVINCES_MESSAGES } from '../../web/src/panels/provinces/provinces-messages.js';
import { RETENTION_MESSAGES } from '../../web/src/panels/retention/retention-messages.js';
import { ROLLING_MESSAGES } from '../../web/src/panels/rolling/rolling-messages.js';
import { PROVINCES } from '../../web/src/state/provinces.js';
import { request } from '../support/http.js';
import { useDashboard } from '../support/page/dashboard.js';
import { ask, expectSame, rangeOf, rounded, TOKEN, type Days } from '../support/page/figures.js';
import { pageServices } from '../support/page/page-services.js';
import { cardOf, dayIn, numberIn, rowsOf } from '../support/page/reading.js';

jest.setTimeout(120_000);

const open = useDashboard();
const percent = (part: number): number => rounded(part * 100);

async function download(button: Locator): Promise<{ readonly name: string; readonly text: string }> {
  const [file] = await Promise.all([button.page().waitForEvent('download'), button.click()]);
  return { name: file.suggestedFilename(), text: await text(await file.createReadStream()) };
}

/** Blanks when provisional days were counted, which is at each request. */
const settled = (csv: string): string => csv.replaceAll(/(,false,\d+,)[^\n]*/g, '$1');

describe('the charts of the page show the figures of the API', () => {
  it('for rolling 7 and 30 days and the stickiness', async () => {
    const visit = await open({ token: TOKEN });
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
    const visit = await open({ token: TOKEN });
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
    const visit = await open({ token: TOKEN });
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
  it('is the text of the API', async () => {
    const visit = await open({ token: TOKEN });
    const { t } = visit;
    const { title } = DAU_MESSAGES.en;
    const csv = await download(
      cardOf(visit, title).getByRole('button', { name: t.card.csvOf(title), exact: true }),
    );
    expect(csv.name).toMatch(/\.csv$/);
    const answer = await request(`${pageServices().serviceUrl}/analytics/dau?${rangeOf(30)}&zeroDays=true`, {
      token: TOKEN,
      headers: { accept: 'text/csv' },
    });
    expect(answer.headers.get('content-type')).toMatch(/^text\/csv/);
    expect(csv.text.split('\n').length).toBeGreaterThan(30);
    expect(settled(csv.text)).toBe(settled(answer.text));
  });
});
