import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';

import { ONLINE_NOW_MESSAGES } from '../../web/src/panels/online-now/online-now-messages.js';
import { DAU_MESSAGES } from '../../web/src/panels/dau/dau-messages.js';
import { Deployment } from '../support/deployment.js';
import { event, nowSeconds } from '../support/events.js';
import { postJson, signToken } from '../support/http.js';
import { expectNoBarriers } from '../support/page/axe.js';
import { PAGE_MS, useDashboard, type Visit } from '../support/page/dashboard.js';
import { cardOf, numberIn } from '../support/page/reading.js';
import { freePort, waitFor } from '../support/processes.js';
import { RECOVERY_MS } from '../support/recovery.js';
import type { Service } from '../support/service.js';

jest.setTimeout(180_000);

const open = useDashboard();
const { title, dauToday } = ONLINE_NOW_MESSAGES.en;
/** Matches what the browser logs while the service is gone. */
const GONE = /net::ERR_(CONNECTION_REFUSED|CONNECTION_RESET|INCOMPLETE_CHUNKED_ENCODING|EMPTY_RESPONSE)/;

let deployment: Deployment;
let service: Service;
let port: number;
let users = 1000;

beforeAll(async () => {
  deployment = await Deployment.create({ redis: true });
  port = await freePort();
  service = await deployment.start({ PORT: String(port) });
});

afterAll(async () => {
  await deployment?.remove();
});

async function beat(): Promise<void> {
  const { status } = await postJson(
    `${service.url}/presence/heartbeat`,
    { installId: 'install-of-a-watched-user', appVersion: '1.0.0', clientTs: nowSeconds() },
    { token: signToken({ userId: String(++users) }) },
  );
  expect(status).toBe(200);
}

const online = async (visit: Visit): Promise<number | null> =>
  numberIn(await cardOf(visit, title).getByRole('status', { name: title }).innerText());

async function expectOnline(visit: Visit, count: number): Promise<void> {
  await waitFor(async () => (await online(visit)) === count, RECOVERY_MS, { what: `${count} users online` });
}

/** Waits for the state of the connection in the heading. */
async function expectPhase(visit: Visit, phase: string): Promise<void> {
  const { page, t } = visit;
  await page.getByRole('group', { name: t.connection.label }).locator(`[data-phase="${phase}"]`).waitFor();
}

/** Marks the document, so that a reload would be seen. */
const mark = (visit: Visit): Promise<unknown> => visit.page.evaluate('window.isTheSameDocument = true');
const isMarked = (visit: Visit): Promise<unknown> => visit.page.evaluate('window.isTheSameDocument');

describe('a page that is watched', () => {
  it('counts a heartbeat without a reload', async () => {
    const visit = await open({ url: service.url });
    await expectPhase(visit, 'open');
    await mark(visit);
    const { count: before } = await waitFor(async () => {
      const count = await online(visit);
      return count === null ? null : { count };
    }, PAGE_MS);
    await beat();
    await expectOnline(visit, before + 1);
    await beat();
    await expectOnline(visit, before + 2);
    expect(await isMarked(visit)).toBe(true);
  });

  it('counts the first session of a user in the active users of today', async () => {
    const visit = await open({ url: service.url });
    const today = cardOf(visit, title).locator('.number').filter({ hasText: dauToday });
    const read = async (): Promise<number> => Number(/\d+/.exec(await today.locator('dd').innerText())?.[0]);
    const before = await read();
    const { status } = await postJson(`${service.url}/analytics/events`, { events: [event()] });
    expect(status).toBe(200);
    await waitFor(async () => (await read()) === before + 1, RECOVERY_MS);
  });

  it('says that the service is gone, keeps its figures, and goes on by itself after a restart', async () => {
    const visit = await open({ url: service.url, tolerates: [GONE] });
    await expectPhase(visit, 'open');
    await cardOf(visit, DAU_MESSAGES.en.title).locator('.card-foot time').waitFor();
    await mark(visit);
    await beat();
    await waitFor(async () => ((await online(visit)) ?? 0) > 0, RECOVERY_MS);
    const shown = await online(visit);
    await service.stop('SIGKILL');

    await expectPhase(visit, 'waiting');
    await visit.page.getByRole('button', { name: visit.t.connection.retry }).waitFor();
    await cardOf(visit, title)
      .getByText(/^Not updated for/)
      .waitFor();
    expect(await online(visit)).toBe(shown);
    await expectNoBarriers(visit.page);

    service = await deployment.start({ PORT: String(port) });
    await expectPhase(visit, 'open');
    await beat();
    await waitFor(async () => ((await online(visit)) ?? 0) > (shown ?? 0), RECOVERY_MS);
    await cardOf(visit, title)
      .getByText(/^Not updated for/)
      .waitFor({ state: 'detached' });
    expect(await isMarked(visit)).toBe(true);
  });
});
