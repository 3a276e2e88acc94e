import { LANGUAGES, type Language } from '../i18n/language.js';
import { RANGE_DAYS, type RangeDays } from './day-range.js';
import { PROVINCES } from './provinces.js';
import { ValueStore } from './store.js';

export const THEMES = ['system', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

export interface Settings {
  readonly language: Language;
  readonly theme: Theme;
  readonly rangeDays: RangeDays;
  /** The official name of a province; null for the whole country. */
  readonly province: string | null;
}

const STORAGE_KEY = 'analytics-presence.settings';

type SettingsStorage = Pick<Storage, 'getItem' | 'setItem'>;

/** Reads what this browser remembers; anything else than a known value counts as absent. */
export function readSettings(storage: SettingsStorage, browserLanguages: readonly string[]): Settings {
  const stored = parse(storage.getItem(STORAGE_KEY));
  const known = <T>(name: keyof Settings, values: readonly T[]): T | undefined =>
    values.find((value) => value === stored[name]);
  return {
    language: known('language', LANGUAGES) ?? preferredLanguage(browserLanguages),
    theme: known('theme', THEMES) ?? 'system',
    rangeDays: known('rangeDays', RANGE_DAYS) ?? 30,
    province: PROVINCES.find(({ name }) => name === stored.province)?.name ?? null,
  };
}

/** Changes settings, and remembers them in this browser. */
export class SettingsStore extends ValueStore<Settings> {
  constructor(
    private readonly storage: SettingsStorage,
    browserLanguages: readonly string[],
  ) {
    super(readSettings(storage, browserLanguages));
  }

  change(part: Partial<Settings>): void {
    const settings = { ...this.get(), ...part };
    this.storage.setItem(STORAGE_KEY, JSON.stringify(settings));
    this.set(settings);
  }
}

/** Returns the first language of the browser that the page has. */
export function preferredLanguage(browserLanguages: readonly string[]): Language {
  const primary = browserLanguages.map((tag) => tag.toLowerCase().split('-')[0]);
  return (
    LANGUAGES.find((language) => language === primary.find((tag) => tag === 'zh' || tag === 'en')) ?? 'en'
  );
}

function parse(text: string | null): Partial<Record<keyof Settings, unknown>> {
  try {
    const value: unknown = JSON.parse(text ?? '{}');
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}
