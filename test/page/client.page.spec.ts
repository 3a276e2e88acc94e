import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import type { AnalyticsClient } from '../../clients/typescript/src/analytics-client.js';
import { ClientHost } from '../support/page/client-host.js';
import { pageServices } from '../support/page/page-services.js';
import { PAGE_MS } from '../support/page/profiles.js';
import { waitFor } from '../support/processes.js';

jest.setTimeout(120_000);

declare const client: AnalyticsClient;

let browser: Browser;
let host: ClientHost;
let url: string;
let context: BrowserContext;

beforeAll(async () => {
  browser = await chromium.connect(pageServices().browserEndpoint);
});

beforeEach(async () => {
  host = new ClientHost();
  url = await host.start();
  context = await browser.newContext();
  context.setDefaultTimeout(PAGE_MS);
});

afterEach(async () => {
  await context.close();
  await host.stop();
});

afterAll(() => browser.close());

async function openApp(): Promise<Page> {
  const page = await context.newPage();
  await page.goto(url);
  await page.waitForFunction("document.title === 'Ready'");
  return page;
}

const names = (): string[] => [...host.events.values()].map(({ eventName }) => eventName);
const arrived = (name: string): Promise<unknown> =>
  waitFor(() => names().includes(name), PAGE_MS, { what: `the event ${name}` });

describe('the reference client in a browser', () => {
  it('begins a session, and compresses what is large', async () => {
    const page = await openApp();
    await page.evaluate(async () => {
      for (let n = 0; n < 30; n++) await client.track('page_view', { page: `p${n}` });
      await client.flush();
    });
    expect(names().filter((name) => name === 'page_view')).toHaveLength(30);
    expect(names()).toContain('app_session_start');
    expect(host.encodings).toContain('gzip');
  });

  it('keeps events while the service is down and after the tab is closed, and sends each once with the id it had', async () => {
    host.isDown = true;
    const first = await openApp();
    const stored = await first.evaluate(async () => {
      await client.track('purchase', { amount: 1 });
      await client.flush();
      return { queued: client.queuedEvents, installId: client.installId };
    });
    expect(stored.queued).toBeGreaterThan(0);
    expect(names()).toEqual([]);
    await first.close();

    host.isDown = false;
    const second = await openApp();
    await second.evaluate(() => client.flush());
    await arrived('purchase');
    const purchases = [...host.events.values()].filter(({ eventName }) => eventName === 'purchase');
    expect(purchases).toEqual([expect.objectContaining({ installId: stored.installId })]);
    await expect(second.evaluate(() => client.queuedEvents)).resolves.toBe(0);
  });

  it.each([
    ['a small queue', 1],
    ['a queue that would be compressed', 40],
  ])('sends %s when the page is left', async (_, events) => {
    const page = await openApp();
    await page.evaluate(async (count) => {
      for (let n = 0; n < count; n++) await client.track('last_words', { n });
    }, events);
    await page.goto('about:blank');
    await arrived('last_words');
    expect(names().filter((name) => name === 'last_words')).toHaveLength(events);
  });

  it('tries again as soon as the network is back', async () => {
    const page = await openApp();
    await page.evaluate(() => client.flush());
    await context.setOffline(true);
    await page.evaluate(async () => {
      await client.track('in_a_tunnel');
      await client.flush();
    });
    expect(names()).not.toContain('in_a_tunnel');
    await context.setOffline(false);
    await arrived('in_a_tunnel');
  });
});
