import { afterAll, afterEach, beforeAll, expect } from '@jest/globals';
import { chromium, type BrowserContext, type BrowserContextOptions, type Page } from 'playwright-core';

import { EN } from '../../../web/src/i18n/en.js';
import { ZH } from '../../../web/src/i18n/zh.js';
import type { RangeDays } from '../../../web/src/state/day-range.js';
import { signToken } from '../http.js';
import type { FaultRecorder } from './faults.js';
import { pageServices } from './page-services.js';
import { PAGE_MS, Profiles, type Profile } from './profiles.js';

export { PAGE_MS };
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
  /** Settings that this browser remembers of an earlier visit; default: none. */
  readonly settings?: { readonly rangeDays?: RangeDays; readonly province?: string };
  /** Time of the browser at first, Unix milliseconds; it goes on, and the scene may set it forward. */
  readonly now?: number;
  /** Patterns of console messages that the scene provokes. */
  readonly tolerates?: readonly RegExp[];
  readonly context?: BrowserContextOptions;
  /** Gives all scenes of the file that ask for the same one visit; they look at the page and change nothing. */
  readonly isShared?: boolean;
}

/** One person who looks at the page, with nothing left of those before. */
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
  let profiles: Profiles;
  const visits: OpenVisit[] = [];
  const shared = new Map<string, Promise<Visit>>();

  beforeAll(async () => {
    profiles = new Profiles(await chromium.connect(pageServices().browserEndpoint));
  });

  afterEach(async () => {
    const open = visits.splice(0);
    const lasting = await Promise.all(shared.values());
    const faults = await Promise.all([...open, ...lasting].map((visit) => visit.faults.take()));
    await Promise.all(open.map((visit) => profiles.giveBack(visit.profile)));
    expect(faults.flat()).toEqual([]);
  });

  afterAll(async () => {
    await profiles?.close();
  });

  const visitPage = async (options: OpenOptions): Promise<Visit> => {
    const { url = pageServices().serviceUrl, token = adminToken(), language = 'en' } = options;
    const { width = 1280, theme = 'light' } = options;
    const profile = await profiles.take(language, { colorScheme: theme, ...options.context });
    const visit = new OpenVisit(profile, CATALOGUES[language]);
    if (options.isShared !== true) visits.push(visit);
    profile.faults.begin(url, options.tolerates);
    if (options.now !== undefined) await visit.context.clock.install({ time: options.now });
    if (options.settings !== undefined)
      await visit.context.addInitScript({ content: remember(options.settings) });
    await visit.page.setViewportSize({ width, height: 900 });
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

class OpenVisit implements Visit {
  constructor(
    readonly profile: Profile,
    readonly t: typeof EN,
  ) {}

  get page(): Page {
    return this.profile.page;
  }

  get faults(): FaultRecorder {
    return this.profile.faults;
  }

  /** Marks the profile: changes of a scene stay in it, so no later scene gets it. */
  get context(): BrowserContext {
    this.profile.isWorn = true;
    return this.profile.context;
  }
}

/** Returns a script that stores settings before the page reads them, and keeps what the page stores later. */
function remember(settings: NonNullable<OpenOptions['settings']>): string {
  const key = 'analytics-presence.settings';
  return `if (location.protocol === 'http:' && localStorage.getItem('${key}') === null) localStorage.setItem('${key}', '${JSON.stringify(settings)}');`;
}
