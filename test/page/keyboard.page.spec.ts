import { describe, expect, it, jest } from '@jest/globals';

import { formatsOf } from '../../web/src/i18n/formats.js';
import { DAU_MESSAGES } from '../../web/src/panels/dau/dau-messages.js';
import { CATALOGUES, useDashboard, type Visit } from '../support/page/dashboard.js';
import { ask, expectSame, rangeOf, type Days } from '../support/page/figures.js';
import { cardOf } from '../support/page/reading.js';

jest.setTimeout(120_000);

const open = useDashboard();
/** More stops than the page has; a walk that needs all of them is caught somewhere. */
const MOST_STOPS = 200;
/** Range of the page when it opens. */
const DAYS = 30;

interface Stop {
  readonly name: string;
  readonly tag: string;
  readonly isMarked: boolean;
  /** Its place in the document. */
  readonly place: number;
}

const FOCUSED = `(() => {
  const element = document.activeElement;
  if (element === null || element === document.body) return null;
  const marked = element.type === 'radio' ? element.closest('label') : element;
  const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(marked);
  return {
    name: element.getAttribute('aria-label') ?? element.labels?.[0]?.innerText ?? element.innerText,
    tag: element.tagName,
    isMarked: (outlineStyle !== 'none' && parseFloat(outlineWidth) >= 1) || boxShadow !== 'none',
    place: [...document.querySelectorAll('*')].indexOf(element),
  };
})()`;

const focused = ({ page }: Visit): Promise<Stop | null> => page.evaluate<Stop | null>(FOCUSED);

/** Presses Tab until the focus leaves the page. */
async function walk(visit: Visit): Promise<Stop[]> {
  const stops: Stop[] = [];
  while (stops.length < MOST_STOPS) {
    await visit.page.keyboard.press('Tab');
    const stop = await focused(visit);
    if (stop === null) return stops;
    stops.push(stop);
  }
  throw new Error(`The focus does not leave the page: ${stops.map(({ name }) => name).join(' → ')}`);
}

/** Presses Tab until an element of this name has the focus. */
async function tabTo(visit: Visit, name: string): Promise<void> {
  for (let stops = 0; stops < MOST_STOPS; stops++) {
    await visit.page.keyboard.press('Tab');
    if ((await focused(visit))?.name === name) return;
  }
  throw new Error(`Tab does not reach "${name}"`);
}

async function settled(visit: Visit): Promise<Visit> {
  await visit.page.getByRole('main', { name: visit.t.app.dashboard }).waitFor();
  await visit.page.locator('.card[aria-busy="true"]').first().waitFor({ state: 'detached' });
  return visit;
}

describe('the keyboard alone', () => {
  it('walks through every control in the order of the page, sees where it is, and gets out again', async () => {
    const visit = await settled(await open());
    const stops = await walk(visit);
    expect(stops[0]!.name).toBe(visit.t.app.skip);
    const places = stops.map(({ place }) => place);
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    expect(stops.filter(({ name }) => name.trim() === '')).toEqual([]);
    expect(stops.filter(({ isMarked }) => !isMarked)).toEqual([]);
    const names = stops.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining([visit.t.header.province, visit.t.header.signOut]));
    expect(names.filter((name) => name === visit.t.card.showTable).length).toBeGreaterThan(2);
  });

  it('skips the heading', async () => {
    const visit = await settled(await open());
    await visit.page.keyboard.press('Tab');
    await visit.page.keyboard.press('Enter');
    expect(await visit.page.evaluate('document.activeElement.id')).toBe('figures');
  });

  it('changes the range, the province, the language and the theme', async () => {
    const visit = await settled(await open());
    const { page, t } = visit;
    await tabTo(visit, t.header.rangeDaysLong(30));
    await page.keyboard.press('ArrowRight');
    expect(await page.getByRole('radio', { name: t.header.rangeDaysLong(90) }).isChecked()).toBe(true);
    await tabTo(visit, t.header.province);
    await page.keyboard.press('ArrowDown');
    expect(await page.getByRole('combobox', { name: t.header.province, exact: true }).inputValue()).not.toBe(
      '',
    );
    await tabTo(visit, 'English');
    await page.keyboard.press('ArrowLeft');
    await page.getByRole('main', { name: CATALOGUES.zh.app.dashboard }).waitFor();
    await page.keyboard.press('ArrowRight');
    await tabTo(visit, t.header.themes.system);
    await page.keyboard.press('ArrowLeft');
    expect(await page.evaluate('document.documentElement.dataset.theme')).toBe('dark');
  });

  it('reads a chart day by day, as the API has the days, and opens the table behind it', async () => {
    const visit = await settled(await open());
    const { page, t } = visit;
    const { title, dau } = DAU_MESSAGES.en;
    const format = formatsOf('en');
    const card = cardOf(visit, title);
    const chart = card.getByRole('slider', { name: title });
    const readDays = async (): Promise<(string | null)[]> => {
      await chart.focus();
      await page.keyboard.press('Escape');
      await page.keyboard.press('Home');
      const texts = [await chart.getAttribute('aria-valuetext')];
      while (texts.length < DAYS) {
        await page.keyboard.press('ArrowRight');
        texts.push(await chart.getAttribute('aria-valuetext'));
      }
      return texts;
    };
    await expectSame(readDays, async () => {
      const { data } = await ask<Days<{ dauCount: number }>>(`/analytics/dau?${rangeOf(DAYS)}&zeroDays=true`);
      expect(new Set(data.map(({ isFinal }) => isFinal)).size).toBe(2);
      return data.map(({ day, dauCount, isFinal }) => {
        const state = isFinal ? '' : `, ${t.chart.provisional}`;
        return `${format.longDay(day)}${state}: ${dau} ${format.count(dauCount)}`;
      });
    });
    await tabTo(visit, t.card.showTable);
    await page.keyboard.press('Enter');
    await card.getByRole('table').waitFor();
  });
});
