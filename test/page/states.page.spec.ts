import { describe, expect, it, jest } from '@jest/globals';

import { CITIES_MESSAGES } from '../../web/src/panels/provinces/cities-messages.js';
import { DAU_MESSAGES } from '../../web/src/panels/dau/dau-messages.js';
import { LIFECYCLE_MESSAGES } from '../../web/src/panels/lifecycle/lifecycle-messages.js';
import { ONLINE_DAILY_MESSAGES } from '../../web/src/panels/online-daily/online-daily-messages.js';
import { ONLINE_NOW_MESSAGES } from '../../web/src/panels/online-now/online-now-messages.js';
import { ONLINE_TODAY_MESSAGES } from '../../web/src/panels/online-today/online-today-messages.js';
import { PROVINCES_MESSAGES } from '../../web/src/panels/provinces/provinces-messages.js';
import { RETENTION_MESSAGES } from '../../web/src/panels/retention/retention-messages.js';
import { ROLLING_MESSAGES } from '../../web/src/panels/rolling/rolling-messages.js';
import { SERVICE_HEALTH_MESSAGES } from '../../web/src/panels/service-health/service-health-messages.js';
import { signToken } from '../support/http.js';
import {
  adminToken,
  CATALOGUES,
  failedAnswer,
  PAGE_MS,
  useDashboard,
  type Visit,
} from '../support/page/dashboard.js';
import { cardOf } from '../support/page/reading.js';
import { waitFor } from '../support/processes.js';

jest.setTimeout(120_000);

const open = useDashboard();

/** Titles of all cards, in the order of the page. */
const TITLES = [
  ...[ONLINE_NOW_MESSAGES, ONLINE_TODAY_MESSAGES, SERVICE_HEALTH_MESSAGES, DAU_MESSAGES],
  ...[ONLINE_DAILY_MESSAGES, ROLLING_MESSAGES, LIFECYCLE_MESSAGES, PROVINCES_MESSAGES],
  ...[CITIES_MESSAGES, RETENTION_MESSAGES],
].map(({ en: { title } }) => title);

/** Everything that the page asks for its cards. */
const FIGURES = /\/(?:analytics|presence)\/|\/status$|\/live$/;
const UNAVAILABLE = {
  ...{ status: 503, contentType: 'application/problem+json' },
  body: JSON.stringify({ code: 'database_unavailable', detail: 'The database does not answer.' }),
};
/** Exceeds each period of today's figures. */
const SIX_MINUTES = 6 * 60_000;

/** Waits until each card of the page contains what is sought, once. */
async function expectInEachCard(
  visit: Visit,
  what: string,
  find: (card: ReturnType<typeof cardOf>) => ReturnType<typeof cardOf>,
): Promise<void> {
  const missing = async (): Promise<string[]> => {
    const counts = await Promise.all(
      TITLES.map(async (title) => ({ title, count: await find(cardOf(visit, title)).count() })),
    );
    return counts.filter(({ count }) => count !== 1).map(({ title }) => title);
  };
  await waitFor(async () => (await missing()).length === 0, PAGE_MS, {
    what: `each card shows ${what}`,
  }).catch(async () => {
    expect([what, await missing()]).toEqual([what, []]);
  });
}

/** Waits until each card has its figure and nothing to complain of. */
async function expectFigures(visit: Visit): Promise<void> {
  await expectInEachCard(visit, 'its figure', (card) => card.locator('.card-foot time'));
  await waitFor(async () => (await visit.page.locator('[data-problem]').count()) === 0, PAGE_MS, {
    what: 'no card complains',
  });
}

describe('each card of the page', () => {
  it('is one of those that these scenes look at', async () => {
    const visit = await open({ isShared: true });
    await visit.page.getByRole('main', { name: visit.t.app.dashboard }).waitFor();
    expect(await visit.page.locator('.card-title').allInnerTexts()).toEqual(TITLES);
  });

  it('says that it loads until its figure is there, from the first moment on', async () => {
    const visit = await open({ token: null, now: Date.now() });
    let isHeld = true;
    const held: (() => void)[] = [];
    await visit.page.route(FIGURES, async (route) => {
      if (isHeld) await new Promise<void>((resolve) => held.push(resolve));
      await route.continue().catch(() => undefined);
    });
    await visit.page.clock.pauseAt(Date.now() + 60_000);
    await visit.page.evaluate(`location.hash = 'token=${adminToken()}'`);
    // The page does not know the day of the service yet.
    const awaited = visit.page.getByRole('main', { name: visit.t.card.loading });
    await awaited.locator('.skeleton').waitFor();
    await visit.page.getByRole('link', { name: visit.t.app.skip }).press('Enter');
    await waitFor(() => visit.page.evaluate<boolean>('document.activeElement.id === "figures"'), PAGE_MS);
    await visit.page.clock.resume();
    await visit.page.clock.fastForward(3_000);
    await expectInEachCard(visit, 'that it loads', (card) => card.getByText(visit.t.card.loading));
    expect(await visit.page.locator('.card[aria-busy="true"]').count()).toBe(TITLES.length);
    isHeld = false;
    for (const go of held.splice(0)) go();
    await expectFigures(visit);
  });

  it('says that the token has no right to it, and shows no figure', async () => {
    const visit = await open({
      token: signToken({ userId: '2', roles: [] }),
      tolerates: [failedAnswer(403)],
    });
    await expectInEachCard(visit, 'that it is refused', (card) => card.locator('[data-problem="forbidden"]'));
    expect(await visit.page.locator('.card-foot time').count()).toBe(0);
    await visit.page.locator('[data-phase="refused"]').waitFor();
  });

  it('names the cause where no figure ever came, and shows the figure once it can be had', async () => {
    const visit = await open({ token: null, tolerates: [failedAnswer(503)] });
    await visit.page.route(FIGURES, (route) => route.fulfill(UNAVAILABLE));
    await visit.page.evaluate(`location.hash = 'token=${adminToken()}'`);
    const { problem, card: texts, announcement } = visit.t;
    await expectInEachCard(visit, 'the code', (card) =>
      card.getByText(problem.code('database_unavailable'), { exact: true }),
    );
    await visit.page.getByRole('status').getByText(announcement.some).waitFor();
    await visit.page.unroute(FIGURES);
    for (const title of TITLES) {
      const retry = cardOf(visit, title).getByRole('button', { name: texts.retry });
      // It may have asked again by itself.
      await retry.click({ timeout: 1_000 }).catch(() => undefined);
    }
    await expectFigures(visit);
    await visit.page.getByRole('status').getByText(announcement.over).waitFor();
  });

  it('keeps its figure while it cannot be renewed, says for how long, and is renewed by itself', async () => {
    const visit = await open({ token: null, now: Date.now(), tolerates: [failedAnswer(503)] });
    await visit.page.evaluate(`location.hash = 'token=${adminToken()}'`);
    await expectFigures(visit);
    await visit.page.route(FIGURES, (route) => route.fulfill(UNAVAILABLE));
    await visit.page.clock.fastForward(SIX_MINUTES);
    await expectInEachCard(visit, 'how old it is', (card) =>
      card.locator('[data-problem]').getByText(/^Not updated for \d+ mins?$/),
    );
    await expectInEachCard(visit, 'its figure', (card) => card.locator('.card-foot time'));
    expect(await visit.page.locator('.skeleton').count()).toBe(0);
    await visit.page.unroute(FIGURES);
    // The longest wait between two attempts.
    await visit.page.clock.fastForward(60_000);
    await expectFigures(visit);
  });
});

describe('an answer that the page cannot draw', () => {
  const { problem, card: texts } = CATALOGUES.en;
  const broken = (visit: Visit, title: string) => cardOf(visit, title).getByText(problem.undrawable);

  it.each([
    [
      'an instant that is none',
      LIFECYCLE_MESSAGES.en.title,
      '/analytics/lifecycle',
      { calculatedAt: 'soon' },
    ],
    ['a day that is none', DAU_MESSAGES.en.title, '/analytics/dau', { data: [{ day: 'soon', dauCount: 1 }] }],
  ])('leaves the other figures, and goes with the next answer: %s', async (_, title, path, part) => {
    const visit = await open({ token: null });
    const isFigure = (url: URL): boolean => url.pathname === path;
    await visit.page.route(isFigure, async (route) => {
      const answer = (await (await route.fetch()).json()) as object;
      await route.fulfill({ json: { ...answer, ...part } });
    });
    await visit.page.evaluate(`location.hash = 'token=${adminToken()}'`);
    await broken(visit, title).waitFor();
    await cardOf(visit, ROLLING_MESSAGES.en.title).locator('.card-foot time').waitFor();
    await visit.page.unroute(isFigure);
    await cardOf(visit, title).getByRole('button', { name: texts.retry }).click();
    await expectFigures(visit);
    // The error stands in the console.
    expect(new Set((await visit.faults.take()).map(({ kind }) => kind))).toEqual(new Set(['exception']));
  });

  it('leaves the other panels where it has another shape', async () => {
    const visit = await open({ token: null });
    const isFigure = (url: URL): boolean => url.pathname === '/analytics/active-users';
    await visit.page.route(isFigure, (route) => route.fulfill({ json: {} }));
    await visit.page.evaluate(`location.hash = 'token=${adminToken()}'`);
    const failed = visit.page.locator('[data-problem="undrawable"]');
    await waitFor(async () => (await failed.count()) === 2, PAGE_MS, { what: 'two panels complain' });
    await cardOf(visit, ROLLING_MESSAGES.en.title).locator('.card-foot time').waitFor();
    await visit.page.unroute(isFigure);
    for (let left = 2; left > 0; left -= 1) {
      await failed.first().getByRole('button', { name: texts.retry }).click();
      await waitFor(async () => (await failed.count()) < left, PAGE_MS, { what: 'a panel is drawn again' });
    }
    await expectFigures(visit);
    await visit.faults.take();
  });
});

/** Replaces what the browser says of its tab; in tests every tab is in sight. */
const SIGHT = `
  let sight = 'hidden';
  Object.defineProperty(document, 'visibilityState', { get: () => sight });
  window.setSight = (next) => {
    sight = next;
    document.dispatchEvent(new Event('visibilitychange'));
  };`;
const setSight = ({ page }: Visit, sight: 'visible' | 'hidden'): Promise<unknown> =>
  page.evaluate(`window.setSight('${sight}')`);

describe('a page that is out of sight', () => {
  /** Opens the page in the background. */
  async function openHidden() {
    const visit = await open({ token: null, now: Date.now() });
    let streams = 0;
    visit.page.on('request', (request) => {
      if (request.url().endsWith('/live')) streams += 1;
    });
    await visit.page.evaluate(SIGHT);
    await visit.page.evaluate(`location.hash = 'token=${adminToken()}'`);
    await visit.page.locator('[data-phase="stopped"]').waitFor();
    return { visit, streams: () => streams };
  }

  it('opens no stream until it is shown', async () => {
    const { visit, streams } = await openHidden();
    // The network may come and go meanwhile.
    await visit.page.evaluate(`window.dispatchEvent(new Event('online'))`);
    await visit.page.clock.fastForward(60_000);
    await visit.page.locator('[data-phase="stopped"]').waitFor();
    expect(streams()).toBe(0);
    await setSight(visit, 'visible');
    await visit.page.locator('[data-phase="open"]').waitFor();
    await expectFigures(visit);
    expect(streams()).toBe(1);
  });

  it('ends its stream after half a minute, and opens another when it is shown again', async () => {
    const { visit, streams } = await openHidden();
    await setSight(visit, 'visible');
    await visit.page.locator('[data-phase="open"]').waitFor();
    await setSight(visit, 'hidden');
    await visit.page.clock.fastForward(10_000);
    await setSight(visit, 'visible');
    expect(await visit.page.locator('[data-phase="open"]').count()).toBe(1);
    expect(streams()).toBe(1);
    await setSight(visit, 'hidden');
    await visit.page.clock.fastForward(30_000);
    await visit.page.locator('[data-phase="stopped"]').waitFor();
    await setSight(visit, 'visible');
    await visit.page.locator('[data-phase="open"]').waitFor();
  });
});

describe('the live connection', () => {
  it('comes back at once by the button', async () => {
    const visit = await open({ token: null, tolerates: [/net::ERR_FAILED/] });
    const { page, t } = visit;
    await page.route(/\/live$/, (route) => route.abort());
    await page.evaluate(`location.hash = 'token=${adminToken()}'`);
    await page.locator('[data-phase="waiting"]').waitFor();
    await page.unroute(/\/live$/);
    await page.getByRole('button', { name: t.connection.retry }).click();
    await page.locator('[data-phase="open"]').waitFor();
    await expectFigures(visit);
  });
});
