import { describe, expect, it, jest } from '@jest/globals';

import { CITIES_MESSAGES } from '../../web/src/panels/provinces/cities-messages.js';
import { PROVINCES_MESSAGES } from '../../web/src/panels/provinces/provinces-messages.js';
import { useDashboard, type OpenOptions, type Visit } from '../support/page/dashboard.js';
import { TOKEN } from '../support/page/figures.js';
import { cardOf, rowsOf } from '../support/page/reading.js';

jest.setTimeout(120_000);

const open = useDashboard();

type Places = Readonly<Record<string, number>>;

interface Answer {
  readonly data: readonly { readonly byProvince?: Places; readonly byCity?: Places }[];
}

describe('places of any number and length', () => {
  /** Opens the page with these names beside the true ones, each seen once. */
  async function openWith(names: readonly string[], options: OpenOptions = {}): Promise<Visit> {
    const visit = await open({ ...options, token: null });
    await visit.page.route(
      (url) => url.pathname === '/analytics/active-users',
      async (route) => {
        const { data, ...rest } = (await (await route.fetch()).json()) as Answer;
        const more = Object.fromEntries(names.map((name) => [name, 1]));
        const spans = data.map(({ byProvince, byCity, ...span }) => ({
          ...span,
          ...(byProvince !== undefined && { byProvince: { ...byProvince, ...more } }),
          ...(byCity !== undefined && { byCity: { ...byCity, ...more } }),
        }));
        await route.fulfill({ json: { ...rest, data: spans } });
      },
    );
    await visit.page.evaluate(`location.hash = 'token=${TOKEN}'`);
    return visit;
  }

  it('show the largest, and say where all of them are', async () => {
    const names = Array.from({ length: 5_000 }, (_, index) => `Place ${index}`);
    const visit = await openWith(names);
    const [provinces, cities] = [PROVINCES_MESSAGES.en, CITIES_MESSAGES.en];
    for (const [title, list, note] of [
      [provinces.title, provinces.others, provinces.largest(30)],
      [cities.title, cities.ranking, cities.largest(30, 5_005)],
    ] as const) {
      const card = cardOf(visit, title);
      await card.locator('.card-foot').getByText(note).waitFor();
      expect(await card.getByRole('list', { name: list, exact: true }).getByRole('listitem').count()).toBe(
        30,
      );
      expect(await rowsOf(visit, title)).toHaveLength(2_000);
      await card.getByText(/^The first 2000 of \d+ rows/).waitFor();
    }
  });

  it('keep the width of a phone, and tell a name that is cut off', async () => {
    const name = 'W'.repeat(128);
    const visit = await openWith([name], { width: 360 });
    for (const { title } of [PROVINCES_MESSAGES.en, CITIES_MESSAGES.en]) {
      await cardOf(visit, title).locator(`.ranked [title^="${name}"]`).waitFor();
      await rowsOf(visit, title);
    }
    expect(await visit.page.evaluate<number>('document.documentElement.scrollWidth')).toBeLessThanOrEqual(
      360,
    );
  });
});
