import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';

import { Deployment } from '../support/deployment.js';
import { expectProblem } from '../support/expect-problem.js';
import { request, signToken } from '../support/http.js';
import { adminToken, failedAnswer, PAGE_MS, useDashboard, type Visit } from '../support/page/dashboard.js';
import { pageServices } from '../support/page/page-services.js';
import { waitFor } from '../support/processes.js';

jest.setTimeout(120_000);

const open = useDashboard();

/** The service accepts a token for so long after its end. */
const LEEWAY_SECONDS = 30;

const figuresOf = ({ page, t }: Visit) => page.getByRole('main', { name: t.app.dashboard });
const fieldOf = ({ page, t }: Visit) => page.getByLabel(t.signIn.field, { exact: true });

async function signIn(visit: Visit, text: string): Promise<void> {
  await fieldOf(visit).fill(text);
  await visit.page.getByRole('button', { name: visit.t.signIn.submit }).click();
}

/** Everything that the browser keeps beyond the tab, and the addresses of its history. */
const KEPT = `JSON.stringify([{ ...localStorage }, document.cookie, location.href, history.state])`;

describe('the token of the link', () => {
  it('opens the figures and leaves the address at once', async () => {
    const visit = await open();
    await figuresOf(visit).waitFor();
    expect(visit.page.url()).toBe(`${pageServices().serviceUrl}/dashboard`);
    expect(await visit.page.evaluate('history.length')).toBeLessThanOrEqual(2);
  });

  it('is kept for the tab alone: it survives a reload, and no other tab has it', async () => {
    const token = adminToken();
    const visit = await open({ token });
    await figuresOf(visit).waitFor();
    expect(await visit.page.evaluate<string>(KEPT)).not.toContain(token);
    expect(await visit.context.cookies()).toEqual([]);
    await visit.page.reload();
    await figuresOf(visit).waitFor();
    const tab = await visit.context.newPage();
    await tab.goto(`${pageServices().serviceUrl}/dashboard`);
    await tab.getByLabel(visit.t.signIn.field, { exact: true }).waitFor();
  });

  it('signs in also where the link is pasted into a tab that has the page already', async () => {
    const [expired, first, second] = [adminToken(-60), adminToken(3600), adminToken(7200)];
    const visit = await open({ token: null, tolerates: [failedAnswer(401)] });
    const bearers: (string | undefined)[] = [];
    visit.page.on('request', (each) => {
      if (each.url().includes('/analytics/')) bearers.push(each.headers()['authorization']);
    });
    const paste = async (token: string): Promise<void> => {
      await visit.page.evaluate(`location.hash = 'token=${token}'`);
      await waitFor(() => !visit.page.url().includes('token'), PAGE_MS);
    };
    await fieldOf(visit).waitFor();
    await paste(expired);
    await visit.page.getByRole('alert').getByText(visit.t.signIn.expired).waitFor();
    await paste(first);
    await figuresOf(visit).waitFor();
    await waitFor(() => bearers.includes(`Bearer ${first}`), PAGE_MS);
    const asked = new Set<string>();
    visit.page.on('request', (each) => asked.add(new URL(each.url()).pathname));
    await paste(second);
    // Each figure is asked for anew, with the new token.
    await waitFor(() => bearers.filter((each) => each === `Bearer ${second}`).length > 3, PAGE_MS);
    await waitFor(
      () => ['/live', '/status', '/presence/online-history'].every((each) => asked.has(each)),
      PAGE_MS,
    );
  });

  it('is read without the full stop of the sentence that it came in', async () => {
    const visit = await open({ token: `${adminToken()}。` });
    await visit.page.locator('[data-phase="open"]').waitFor();
  });

  it('is asked for anew where the link is damaged, also after a reload', async () => {
    const visit = await open({ token: `${adminToken().slice(0, 40)}…` });
    await visit.page.getByRole('alert').getByText(visit.t.signIn.invalid).waitFor();
    expect(visit.page.url()).toBe(`${pageServices().serviceUrl}/dashboard`);
    await visit.page.reload();
    await fieldOf(visit).waitFor();
    expect(await visit.page.getByRole('alert').count()).toBe(0);
  });

  it('is in no address that the page asks', async () => {
    const token = adminToken();
    const visit = await open({ token: null });
    const addresses: string[] = [];
    visit.page.on('request', (each) => addresses.push(each.url()));
    await signIn(visit, token);
    await figuresOf(visit).waitFor();
    await waitFor(() => addresses.some((each) => each.endsWith('/live')), PAGE_MS);
    expect(addresses.filter((each) => each.includes(token))).toEqual([]);
  });
});

describe('a browser that blocks storage', () => {
  it('shows the figures all the same', async () => {
    const visit = await open({ token: null });
    await visit.context.addInitScript({
      content: `for (const name of ['sessionStorage', 'localStorage'])
        Object.defineProperty(window, name, { get() { throw new DOMException('blocked', 'SecurityError') } });`,
    });
    const tab = await visit.context.newPage();
    await tab.goto(`${pageServices().serviceUrl}/dashboard#token=${adminToken()}`);
    await tab.getByRole('main', { name: visit.t.app.dashboard }).waitFor();
    await tab.getByRole('radio', { name: visit.t.header.rangeDaysLong(90) }).check({ force: true });
  });
});

describe('a browser that is too old for the page', () => {
  it.each([
    ['AbortSignal.any', 'delete AbortSignal.any'],
    ['light-dark()', 'CSS.supports = () => false'],
  ])('is told so in both languages: it lacks %s', async (_, script) => {
    const visit = await open({ token: null });
    await visit.context.addInitScript({ content: script });
    const tab = await visit.context.newPage();
    await tab.goto(`${pageServices().serviceUrl}/dashboard#token=${adminToken()}`);
    await tab.getByText(/newer browser.+更新版本/).waitFor();
    expect(await tab.locator('#app').innerHTML()).toBe('');
  });
});

describe('the field for a token', () => {
  it('is what a visitor without a token sees, and takes a token, its header, or the whole link', async () => {
    const token = adminToken();
    const visit = await open({ token: null });
    for (const text of [token, `Bearer ${token}`, `${pageServices().serviceUrl}/dashboard#token=${token}`]) {
      await signIn(visit, text);
      await figuresOf(visit).waitFor();
      await visit.page.getByRole('button', { name: visit.t.header.signOut }).click();
      await fieldOf(visit).waitFor();
    }
    await visit.page.reload();
    await fieldOf(visit).waitFor();
  });

  it('is none for a password, which the browser would offer to keep, and masks its text', async () => {
    const visit = await open({ token: null, isShared: true });
    await fieldOf(visit).fill('a text');
    expect(await visit.page.locator('[type="password"]').count()).toBe(0);
    const masking = await fieldOf(visit).evaluate(
      'getComputedStyle(document.activeElement).webkitTextSecurity',
    );
    expect(masking).toBe('disc');
  });

  it('explains a text that is no token', async () => {
    const visit = await open({ token: null, isShared: true });
    await signIn(visit, 'not a token');
    await visit.page.getByRole('alert').getByText(visit.t.signIn.malformed).waitFor();
    expect(await fieldOf(visit).getAttribute('aria-invalid')).toBe('true');
  });

  it('comes back for a token that the service does not accept, and says so', async () => {
    const forged = signToken({ userId: '1', roles: ['admin'] }, { secret: 'x'.repeat(32) });
    const visit = await open({ token: forged, tolerates: [failedAnswer(401)] });
    await visit.page.getByRole('alert').getByText(visit.t.signIn.invalid).waitFor();
    await fieldOf(visit).waitFor();
  });

  it('comes back when the token of the link had expired', async () => {
    const visit = await open({ token: adminToken(-60), tolerates: [failedAnswer(401)] });
    await visit.page.getByRole('alert').getByText(visit.t.signIn.expired).waitFor();
  });

  it('comes back when the token expires while the page is watched, and a new one goes on', async () => {
    const visit = await open({ token: null, tolerates: [failedAnswer(401)] });
    await signIn(visit, adminToken(8 - LEEWAY_SECONDS));
    await figuresOf(visit).waitFor();
    await visit.page.getByRole('alert').getByText(visit.t.signIn.expired).waitFor();
    await signIn(visit, adminToken());
    await figuresOf(visit).waitFor();
    await visit.page.getByText(visit.t.connection.open, { exact: true }).first().waitFor();
  });
});

describe('a token without the role of an admin', () => {
  it('is told that it has no right to the figures, and shows none', async () => {
    const visit = await open({
      token: signToken({ userId: '2', roles: [] }),
      tolerates: [failedAnswer(403)],
    });
    await visit.page.getByText(visit.t.problem.forbidden).first().waitFor();
    await visit.page.getByText(visit.t.connection.refused).first().waitFor();
    expect(await visit.page.getByText(/\b(?:As of|Answered at)\b/).count()).toBe(0);
  });
});

describe('the address', () => {
  it('of the service leads to the page', async () => {
    const visit = await open({ token: null });
    await visit.page.goto(`${pageServices().serviceUrl}/`);
    expect(visit.page.url()).toBe(`${pageServices().serviceUrl}/dashboard`);
    await fieldOf(visit).waitFor();
  });

  it('of each script and style is kept for ever, so a second visit asks for the document alone', async () => {
    const visit = await open();
    const kept: (string | undefined)[] = [];
    visit.page.on('response', (response) => {
      if (response.url().includes('/assets/')) kept.push(response.headers()['cache-control']);
    });
    await visit.page.reload();
    await figuresOf(visit).waitFor();
    expect(new Set(kept)).toEqual(new Set(['public, max-age=31536000, immutable']));
  });
});

describe('a service with DASHBOARD=false', () => {
  let deployment: Deployment;

  beforeAll(async () => {
    deployment = await Deployment.create();
  });

  afterAll(async () => {
    await deployment?.remove();
  });

  it('has no page and leads nowhere', async () => {
    const { url } = await deployment.start({ DASHBOARD: 'false' });
    for (const path of ['/dashboard', '/dashboard/', '/'])
      expectProblem(await request(`${url}${path}`), 404, 'route_not_found');
    const visit = await open({ url, token: null, tolerates: [failedAnswer(404)] });
    await visit.page.getByText('route_not_found').waitFor();
  });
});
