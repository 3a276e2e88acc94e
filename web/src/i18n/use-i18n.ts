import { useSettings } from '../state/use-app.js';
import { EN, type Catalogue } from './en.js';
import { formatsOf, type Formats } from './formats.js';
import { type Language, type Messages } from './language.js';
import { ZH } from './zh.js';

const CATALOGUES: Messages<Catalogue> = { en: EN, zh: ZH };

export interface I18n {
  readonly language: Language;
  readonly t: Catalogue;
  readonly format: Formats;
}

/** Texts and formats in the language of the page. */
export function useI18n(): I18n {
  const { language } = useSettings();
  return { language, t: CATALOGUES[language], format: formatsOf(language) };
}

/** The texts of one panel in the language of the page. */
export function useMessages<T>(messages: Messages<T>): T {
  return messages[useSettings().language];
}
