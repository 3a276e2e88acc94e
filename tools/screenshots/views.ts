import { CITIES_MESSAGES } from '../../web/src/panels/provinces/cities-messages.js';
import { PROVINCES_MESSAGES } from '../../web/src/panels/provinces/provinces-messages.js';
import { RETENTION_MESSAGES } from '../../web/src/panels/retention/retention-messages.js';

export interface View {
  readonly name: string;
  readonly language: 'en' | 'zh';
  readonly theme: 'light' | 'dark';
  /** Pixels of the viewport. */
  readonly width: number;
  readonly height: number;
  /** The part of the page: pixels from its top, or cards by their titles, which lie together. */
  readonly part: { readonly cutAt: number } | { readonly cards: readonly string[] };
}

const TEXTS = [PROVINCES_MESSAGES.en, CITIES_MESSAGES.en, RETENTION_MESSAGES.en];

/** The pictures of the documents. */
export const VIEWS: readonly View[] = [
  {
    name: 'dashboard-light-en',
    language: 'en',
    theme: 'light',
    width: 1440,
    height: 1000,
    part: { cutAt: 1525 },
  },
  {
    name: 'dashboard-dark-zh',
    language: 'zh',
    theme: 'dark',
    width: 1440,
    height: 1000,
    part: { cutAt: 1525 },
  },
  {
    name: 'dashboard-narrow',
    language: 'en',
    theme: 'light',
    width: 360,
    height: 780,
    part: { cutAt: 1560 },
  },
  {
    ...{ name: 'dashboard-places', language: 'en', theme: 'light', width: 1440, height: 1000 },
    part: { cards: TEXTS.map(({ title }) => title) },
  },
];
