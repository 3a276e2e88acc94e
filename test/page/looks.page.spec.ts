import { describe, expect, it, jest } from '@jest/globals';

import { CATALOGUES, PAGE_MS, useDashboard, type Language, type Visit } from '../support/page/dashboard.js';
import { waitFor } from '../support/processes.js';

jest.setTimeout(120_000);

const open = useDashboard();

const LANGUAGES = ['en', 'zh'] as const;
const TAGS: Readonly<Record<Language, string>> = { en: 'en-GB', zh: 'zh-CN' };

async function figures(visit: Visit): Promise<Visit> {
  await visit.page.getByRole('main', { name: visit.t.app.dashboard }).waitFor();
  return visit;
}

const colourOf = (visit: Visit): Promise<string> =>
  visit.page.evaluate<string>('getComputedStyle(document.body).backgroundColor');

/** Brightness of a colour, 0 to 255. */
function brightness(colour: string): number {
  const [red = 0, green = 0, blue = 0] = (colour.match(/[\d.]+/g) ?? []).map(Number);
  return 0.299 * red + 0.587 * green + 0.114 * blue;
}

describe('the language of the page', () => {
  it.each(LANGUAGES)('is the one of the browser: %s', async (language) => {
    const visit = await figures(await open({ language, isShared: true }));
    expect(await visit.page.evaluate('document.documentElement.lang')).toBe(TAGS[language]);
    expect(await visit.page.getByRole('button', { name: visit.t.header.signOut }).isVisible()).toBe(true);
  });

  it('is English for a browser of any other language', async () => {
    const { page } = await figures(await open({ context: { locale: 'fr-FR' } }));
    expect(await page.evaluate('document.documentElement.lang')).toBe('en-GB');
  });

  it('changes by the switch, and this browser remembers it', async () => {
    const visit = await figures(await open());
    await visit.page.getByRole('radio', { name: '中文' }).check({ force: true });
    await visit.page.getByRole('main', { name: CATALOGUES.zh.app.dashboard }).waitFor();
    expect(await visit.page.evaluate('document.documentElement.lang')).toBe('zh-CN');
    await visit.page.reload();
    await visit.page.getByRole('main', { name: CATALOGUES.zh.app.dashboard }).waitFor();
  });

  it.each(LANGUAGES)('has no text of the other one: %s', async (language) => {
    const visit = await figures(await open({ language, isShared: true }));
    // Texts of a card stand beside its figure, and of a chart in its table.
    await visit.page.locator('.skeleton').first().waitFor({ state: 'detached' });
    await visit.page.locator('.card-foot time').first().waitFor();
    for (const summary of await visit.page.getByText(visit.t.card.showTable).all()) await summary.click();
    const text = await visit.page.getByRole('main').innerText();
    expect(text.length).toBeGreaterThan(2000);
    const other =
      language === 'en'
        ? /\p{Script=Han}{2}/u
        : /\b(?:As of|Answered at|Loading|Show as table|provisional)\b/;
    expect(text).not.toMatch(other);
  });
});

describe('the theme of the page', () => {
  it.each(['light', 'dark'] as const)('is the one of the system: %s', async (theme) => {
    const visit = await figures(await open({ theme }));
    expect(brightness(await colourOf(visit)) > 128).toBe(theme === 'light');
  });

  it('changes by the switch, and this browser remembers it', async () => {
    const visit = await figures(await open({ theme: 'light' }));
    await visit.page.getByRole('radio', { name: visit.t.header.themes.dark }).check({ force: true });
    expect(brightness(await colourOf(visit))).toBeLessThan(128);
    await visit.page.reload();
    await figures(visit);
    expect(brightness(await colourOf(visit))).toBeLessThan(128);
  });
});

describe('the width of the page', () => {
  const widthOf = (visit: Visit): Promise<number> =>
    visit.page.evaluate<number>('document.documentElement.scrollWidth');

  it.each([
    ['en', [360, 768, 3840]],
    ['zh', [360, 1440]],
  ] as const)(
    'needs no horizontal scrolling in %s, as it opens and as its window grows',
    async (language, widths) => {
      const visit = await figures(await open({ language, width: widths[0] }));
      expect(await widthOf(visit)).toBeLessThanOrEqual(widths[0]);
      for (const width of widths) {
        await visit.page.setViewportSize({ width, height: 900 });
        // Charts take their new size a moment later.
        await waitFor(async () => (await widthOf(visit)) <= width, PAGE_MS, { what: `it fits ${width} px` });
      }
    },
  );

  it('holds for the field for a token', async () => {
    const visit = await open({ width: 360, token: null });
    await visit.page.getByLabel(visit.t.signIn.field, { exact: true }).waitFor();
    expect(await widthOf(visit)).toBeLessThanOrEqual(360);
  });
});

describe('a window that grows to that of a wall', () => {
  /** Height of the axis of days, which follows the size of its texts. */
  const axisOf = (visit: Visit): Promise<number | undefined> =>
    visit.page.evaluate<number | undefined>(
      `Math.min(...[...document.querySelectorAll('.chart-medium .u-axis')].map(({ clientHeight }) => clientHeight))`,
    );

  it('has the texts of its charts grow as those of the page', async () => {
    const visit = await figures(await open({ width: 1440 }));
    await visit.page.locator('.chart-medium .u-axis').first().waitFor({ state: 'attached' });
    const small = (await axisOf(visit)) ?? 0;
    await visit.page.setViewportSize({ width: 3840, height: 2160 });
    await waitFor(async () => ((await axisOf(visit)) ?? 0) > small * 1.5, PAGE_MS);
    await visit.page.setViewportSize({ width: 1440, height: 900 });
    await waitFor(async () => (await axisOf(visit)) === small, PAGE_MS);
  });
});

describe('reduced motion', () => {
  it('stops every animation and transition', async () => {
    const visit = await figures(await open({ context: { reducedMotion: 'reduce' } }));
    const moving = await visit.page.evaluate<string[]>(`
      [...document.querySelectorAll('*')].filter((element) => {
        const { animationName, animationDuration, transitionDuration } = getComputedStyle(element);
        const longest = (text) => Math.max(...text.split(',').map((part) => parseFloat(part)));
        return (animationName !== 'none' && longest(animationDuration) > 0.01) || longest(transitionDuration) > 0.01;
      }).map((element) => element.className || element.tagName)`);
    expect(moving).toEqual([]);
  });
});
