import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';

import { FaultRecorder } from './faults.js';

/** Bounds each wait for the page; a machine that is busy with other suites is slow. */
export const PAGE_MS = 30_000;

/** A browser profile with one tab. */
export interface Profile {
  readonly key: string;
  readonly context: BrowserContext;
  readonly faults: FaultRecorder;
  page: Page;
  /** True once it may differ from a new one in more than its storage. */
  isWorn: boolean;
}

/** Lends browser profiles: a new one costs as much of the processor as loading the page twice. */
export class Profiles {
  private readonly free: Profile[] = [];

  constructor(private readonly browser: Browser) {}

  async take(language: 'en' | 'zh', options: BrowserContextOptions): Promise<Profile> {
    const key = JSON.stringify([language, options]);
    const position = this.free.findIndex((profile) => profile.key === key);
    const [known] = position === -1 ? [] : this.free.splice(position, 1);
    return known ?? this.make(key, language, options);
  }

  /** Keeps a profile for the next scene, with a new tab and without anything stored; or closes it. */
  async giveBack(profile: Profile): Promise<void> {
    const { context, page } = profile;
    try {
      if (profile.isWorn) throw new Error('It is worn.');
      await page.evaluate('localStorage.clear()');
      await context.clearCookies();
      profile.page = await context.newPage();
      await page.close();
      this.free.push(profile);
    } catch {
      await context.close();
    }
  }

  close(): Promise<void> {
    return this.browser.close();
  }

  private async make(key: string, language: 'en' | 'zh', options: BrowserContextOptions): Promise<Profile> {
    const context = await this.browser.newContext({
      locale: language === 'zh' ? 'zh-CN' : 'en-GB',
      // No figure may depend on the zone of the browser.
      timezoneId: 'America/New_York',
      // The scenes look at no animation, and each of its frames costs time.
      reducedMotion: 'reduce',
      ...options,
    });
    context.setDefaultTimeout(PAGE_MS);
    const faults = await FaultRecorder.install(context);
    return { key, context, faults, page: await context.newPage(), isWorn: false };
  }
}
