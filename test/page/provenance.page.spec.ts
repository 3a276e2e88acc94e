import { describe, expect, it, jest } from '@jest/globals';

import { formatsOf } from '../../web/src/i18n/formats.js';
import { CITIES_MESSAGES } from '../../web/src/panels/provinces/cities-messages.js';
import { DAU_MESSAGES } from '../../web/src/panels/dau/dau-messages.js';
import { LIFECYCLE_MESSAGES } from '../../web/src/panels/lifecycle/lifecycle-messages.js';
import { ONLINE_DAILY_MESSAGES } from '../../web/src/panels/online-daily/online-daily-messages.js';
import { ONLINE_NOW_MESSAGES } from '../../web/src/panels/online-now/online-now-messages.js';
import { ONLINE_TODAY_MESSAGES } from '../../web/src/panels/online-today/online-today-messages.js';
import { PROVINCES_MESSAGES } from '../../web/src/panels/provinces/provinces-messages.js';
import { RETENTION_MESSAGES } from '../../web/src/panels/retention/retention-messages.js';
import { ROLLING_MESSAGES } from '../../web/src/panels/rolling/rolling-messages.js';
import { useDashboard, type Visit } from '../support/page/dashboard.js';
import { ask, rangeOf, TOKEN } from '../support/page/figures.js';
import { cardOf } from '../support/page/reading.js';

jest.setTimeout(120_000);

const open = useDashboard();
const format = formatsOf('en');

interface State {
  readonly finalThrough: string;
  readonly calculatedAt: string;
}

const ACTIVES = [
  [ROLLING_MESSAGES.en.title, `/analytics/rolling-active-users?${rangeOf(30)}&window=30`],
  [LIFECYCLE_MESSAGES.en.title, `/analytics/lifecycle?${rangeOf(30)}`],
  [RETENTION_MESSAGES.en.title, `/analytics/retention?${rangeOf(30)}&cohort=new&after=1`],
  [PROVINCES_MESSAGES.en.title, `/analytics/active-users?${rangeOf(30)}&interval=span&breakdown=province`],
  [CITIES_MESSAGES.en.title, `/analytics/active-users?${rangeOf(30)}&interval=span&breakdown=city`],
] as const;

const COUNTRY_ONLY = [
  ONLINE_NOW_MESSAGES,
  ONLINE_TODAY_MESSAGES,
  ONLINE_DAILY_MESSAGES,
  LIFECYCLE_MESSAGES,
  RETENTION_MESSAGES,
];

const statesOf = (): Promise<State[]> => Promise.all(ACTIVES.map(([, path]) => ask<State>(path)));

async function instantOf(visit: Visit, title: string): Promise<string | null> {
  return cardOf(visit, title).locator('.card-foot time').getAttribute('datetime');
}

describe('the foot of a card', () => {
  it('says when the figures over spans were counted, and through which day they are final', async () => {
    // The rollup may count today anew while the page is open: it shows what was said before or what is said after.
    const before = await statesOf();
    const visit = await open({ token: TOKEN });
    for (const [title] of ACTIVES) await cardOf(visit, title).locator('.card-foot time').waitFor();
    const after = await statesOf();
    for (const [index, [title]] of ACTIVES.entries()) {
      const states = [before[index], after[index]];
      expect(states.map((state) => state?.calculatedAt)).toContain(await instantOf(visit, title));
      const edges = states.map((state) => visit.t.card.finalThrough(format.day(state?.finalThrough ?? '')));
      const notes = await cardOf(visit, title).locator('.card-foot span').allInnerTexts();
      expect(notes.filter((note) => edges.includes(note))).toHaveLength(1);
    }
  });

  it('says the same of figures that are counted day by day or minute by minute', async () => {
    const visit = await open({ token: TOKEN });
    const dated = new RegExp(`^${visit.t.card.asOf('.+')}$`);
    for (const { title } of [DAU_MESSAGES.en, ONLINE_DAILY_MESSAGES.en, ONLINE_TODAY_MESSAGES.en])
      await cardOf(visit, title).locator('.card-foot time').getByText(dated).waitFor();
    for (const { title } of [DAU_MESSAGES.en, ONLINE_DAILY_MESSAGES.en])
      await cardOf(visit, title)
        .locator('.card-foot')
        .getByText(new RegExp(visit.t.card.finalThrough('\\d+ \\w+')))
        .waitFor();
  });
});

describe('a chosen province', () => {
  it('is announced on every card whose figure stays that of the whole country', async () => {
    const visit = await open({ token: TOKEN });
    await visit.page
      .getByRole('combobox', { name: visit.t.header.province, exact: true })
      .selectOption('广东省');
    for (const messages of COUNTRY_ONLY)
      await cardOf(visit, messages.en.title).getByText(visit.t.card.wholeCountryOnly).waitFor();
  });
});
