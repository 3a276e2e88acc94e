import { describe, expect, it, jest } from '@jest/globals';

import { signToken } from '../support/http.js';
import { expectNoBarriers, findBarriers } from '../support/page/axe.js';
import { failedAnswer, useDashboard, type Visit } from '../support/page/dashboard.js';

jest.setTimeout(120_000);

const open = useDashboard();

/** Waits until every card shows a figure, a failure, or that there is none. */
async function settle({ page, t }: Visit): Promise<void> {
  await page.getByRole('main', { name: t.app.dashboard }).waitFor();
  await page.locator('.card[aria-busy="true"]').first().waitFor({ state: 'detached' });
}

describe('axe-core finds nothing serious or critical', () => {
  it('in a page that has a barrier, it does', async () => {
    const { page } = await open({ token: null });
    await page.getByRole('textbox').waitFor();
    await page.evaluate(`document.querySelector('#app').append(document.createElement('button'))`);
    expect((await findBarriers(page)).map(({ rule }) => rule)).toContain('button-name');
  });

  it('in the field for a token, also after a mistake', async () => {
    const visit = await open({ token: null });
    await visit.page.getByRole('textbox').waitFor();
    await expectNoBarriers(visit.page);
    await visit.page.getByRole('textbox').fill('no token');
    await visit.page.getByRole('button', { name: visit.t.signIn.submit }).click();
    await visit.page.getByRole('alert').waitFor();
    await expectNoBarriers(visit.page);
  });

  it.each(['en', 'zh'] as const)('in the figures: %s', async (language) => {
    const visit = await open({ language });
    await settle(visit);
    await expectNoBarriers(visit.page);
  });

  it('in the figures with every table open, of one province, on a narrow screen', async () => {
    const visit = await open({ width: 360 });
    await settle(visit);
    await visit.page
      .getByRole('combobox', { name: visit.t.header.province, exact: true })
      .selectOption('广东省');
    await settle(visit);
    for (const summary of await visit.page.locator('summary').all()) await summary.click();
    await expectNoBarriers(visit.page);
  });

  it('while the figures are loading', async () => {
    const visit = await open({ token: null });
    // Requests of this scene stay open until its browser profile is closed.
    await visit.context.route(/\/(analytics|presence|status)/, () => undefined);
    await visit.page.goto(visit.page.url() + `#token=${signToken({ userId: '1', roles: ['admin'] })}`);
    await visit.page.reload();
    await visit.page.locator('.card[aria-busy="true"]').first().waitFor();
    await expectNoBarriers(visit.page);
  });

  it('for a token that has no right to the figures', async () => {
    const visit = await open({ token: signToken({ userId: '2' }), tolerates: [failedAnswer(403)] });
    await visit.page.getByText(visit.t.problem.forbidden).first().waitFor();
    await settle(visit);
    await expectNoBarriers(visit.page);
  });
});
