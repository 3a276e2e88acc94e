export const LANGUAGES = ['zh', 'en'] as const;
export type Language = (typeof LANGUAGES)[number];

/** Tags for `lang` attributes and for Intl: 24 hours, and the day before the month in English. */
export const LANGUAGE_TAGS: Readonly<Record<Language, string>> = { zh: 'zh-CN', en: 'en-GB' };

/** A text in both languages, of the same shape by type. */
export type Messages<T> = Readonly<Record<Language, T>>;

/** Declares the texts of one panel; the compiler demands that both languages have all of them. */
export function defineMessages<T>(messages: { readonly en: T; readonly zh: NoInfer<T> }): Messages<T> {
  return messages;
}
