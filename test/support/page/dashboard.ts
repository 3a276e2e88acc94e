import { afterAll, afterEach, beforeAll, expect } from '@jest/globals';
import {
  chromium,
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  type Page,
} from 'playwright-core';

import { EN } from '../../../web/src/i18n/en.js';
import { ZH } from '../../../web/src/i18n/zh.js';
import { signToken } from '../http.js';
import { FaultRecorder } from './faults.js';
import { pageServices } from './page-services.js';

/** Bounds each wait for the page; a machine that is busy with other suites is slow. */
export const PAGE_MS = 30_000;
export const ADMIN_ROLE = 'admin';
export const CATALOGUES = { en: EN, zh: ZH };

export type Language = keyof typeof CATALOGUES;

export interface OpenOptions {
  /** Origin of the service; default: the one with a history, which all files share. */
  readonly url?: string;
  /** Token of the link; null opens the page without one. Default: an admin's. */
  readonly token?: string | null;
  readonly language?: Language;
  readonly theme?: 'light' | 'dark';
  readonly width?: number;
  /** Time of the browser at first, Unix milliseconds; it goes on, and the scene may set it forward. */
  readonly now?: number;
  /** Patterns of console messages that the scene provokes. */
  readonly tolerates?: readonly RegExp[];
  readonly context?: BrowserContextOptions;
  /** Gives all scenes of the file that ask for the same one visit; they look at the page and change nothing. */
  readonly isShared?: boolean;
}

/** One person who looks at the page, with a browser profile of its own. */
export interface Visit {
  readonly page: Page;
  readonly context: BrowserContext;
  readonly faults: FaultRecorder;
  /** Texts of the page in the language of the visit. */
  readonly t: typeof EN;
}

export type OpenDashboard = (options?: OpenOptions) => Promise<Visit>;

export function adminToken(expiresInSeconds = 3600): string {
  return signToken({ userId: '1', roles: [ADMIN_ROLE] }, { expiresInSeconds });
}

/** The line that Chromium logs for each failed answer. */
export const failedAnswer = (status: number): RegExp => new RegExp(`responded with a status of ${status}\\b`);

/**
 * Connects the file to the shared browser. Each scene opens the page as often as it likes; it fails when one of its
 * visits broke the policy, logged an error, threw, or asked another host.
 */
export function useDashboard(): OpenDashboard {
  let browser: Browser;
  const visits: Visit[] = [];
  const shared = new Map<string, Promise<Visit>>();

  beforeAll(async () => {
    browser = await chromium.connect(pageServices().browserEndpoint);
  });

  afterEach(async () => {
    const open = visits.splice(0);
    const lasting = await Promise.all(shared.values());
    const faults = await Promise.all([...open, ...lasting].map((visit) => visit.faults.take()));
    await Promise.all(open.map(({ context }) => context.close()));
    expect(faults.flat()).toEqual([]);
  });

  afterAll(async () => {
    await browser?.close();
  });

  const visitPage = async (options: OpenOptions): Promise<Visit> => {
    const visit = await openVisit(browser, options);
    if (options.isShared !== true) visits.push(visit);
    const { url = pageServices().serviceUrl, token = adminToken() } = options;
    await visit.page.goto(`${url}/dashboard${token === null ? '' : `#token=${token}`}`);
    return visit;
  };

  return (options = {}) => {
    if (options.isShared !== true) return visitPage(options);
    const key = JSON.stringify(options);
    const known = shared.get(key);
    if (known !== undefined) return known;
    const visit = visitPage(options);
    shared.set(key, visit);
    // The next scene tries again.
    visit.catch(() => shared.delete(key));
    return visit;
  };
}

async function openVisit(browser: Browser, options: OpenOptions): Promise<Visit> {
  const { url = pageServices().serviceUrl, language = 'en', theme = 'light', width = 1280 } = options;
  const context = await browser.newContext({
    locale: language === 'zh' ? 'zh-CN' : 'en-GB',
    // No figure may depend on the zone of the browser.
    timezoneId: 'America/New_York',
    colorScheme: theme,
    viewport: { width, height: 900 },
    ...options.context,
  });
  context.setDefaultTimeout(PAGE_MS);
  if (options.now !== undefined) await context.clock.install({ time: options.now });
  const faults = await FaultRecorder.install(context, url, options.tolerates);
  return { context, page: await context.newPage(), faults, t: CATALOGUES[language] };
}
