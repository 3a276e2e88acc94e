import { readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { EN } from '../../../../web/src/i18n/en.js';
import { ZH } from '../../../../web/src/i18n/zh.js';
import { DAU_MESSAGES } from '../../../../web/src/panels/dau/dau-messages.js';
import { ONLINE_TODAY_MESSAGES } from '../../../../web/src/panels/online-today/online-today-messages.js';
import { PROVINCES_MESSAGES } from '../../../../web/src/panels/provinces/provinces-messages.js';
import { SERVICE_HEALTH_MESSAGES } from '../../../../web/src/panels/service-health/service-health-messages.js';

const PANELS = 'web/src/panels';
/** Texts without a word: abbreviations, an example of a token, figures alone, and none at all. */
const WORDLESS = [
  ...['announcement.none', 'signIn.placeholder', 'card.csv', 'RETENTION_MESSAGES.countedRate'],
  ...['ONLINE_TODAY_MESSAGES.peakAt', 'ONLINE_TODAY_MESSAGES.pcu', 'ONLINE_TODAY_MESSAGES.acu'],
];

interface Pair {
  readonly name: string;
  readonly en: unknown;
  readonly zh: unknown;
}

/** Returns the texts of the page and of every panel. */
async function pairs(): Promise<Pair[]> {
  const found: Pair[] = [{ name: '', en: EN, zh: ZH }];
  for (const file of readdirSync(PANELS, { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('-messages.ts')) continue;
    const module = (await import(pathToFileURL(resolve(PANELS, file)).href)) as Record<
      string,
      Omit<Pair, 'name'>
    >;
    for (const [name, { en, zh }] of Object.entries(module)) found.push({ name, en, zh });
  }
  return found;
}

/** Returns each text by its path; a message with values gets numbers for them. */
function textsOf(messages: unknown, path: string): Map<string, string> {
  if (typeof messages === 'string') return new Map([[path, messages]]);
  if (typeof messages === 'function')
    return new Map([[path, String((messages as (...values: unknown[]) => unknown)(20, 30))]]);
  return new Map(
    Object.entries(messages as object).flatMap(([key, part]) => [
      ...textsOf(part, path === '' ? key : `${path}.${key}`),
    ]),
  );
}

const found = await pairs();

describe('the texts of the page', () => {
  it('are those of the page and of every panel', () => {
    const panels = readdirSync(PANELS, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    expect(found.length).toBeGreaterThan(panels.length);
  });

  it.each(found)('exist in both languages: $name', ({ name, en, zh }) => {
    expect([...textsOf(zh, name).keys()]).toEqual([...textsOf(en, name).keys()]);
  });

  it.each(found)('are Chinese in Chinese and English in English: $name', ({ name, en, zh }) => {
    const chinese = textsOf(zh, name);
    for (const [path, english] of textsOf(en, name)) {
      const text = chinese.get(path) ?? '';
      expect([path, english]).toEqual([path, expect.not.stringMatching(/\p{Script=Han}/u)]);
      // Names such as CSV, PCU and Identity have capitals.
      expect([path, text]).toEqual([path, expect.not.stringMatching(/\b[a-z]{3,}/)]);
      if (!WORDLESS.includes(path))
        expect([path, text]).toEqual([path, expect.stringMatching(/\p{Script=Han}/u)]);
    }
  });

  it('name each exception', () => {
    const paths = found.flatMap(({ name, en }) => [...textsOf(en, name).keys()]);
    expect(WORDLESS.filter((path) => !paths.includes(path))).toEqual([]);
  });

  it('speak of one as of one', () => {
    expect([
      ONLINE_TODAY_MESSAGES.en.missed('1'),
      PROVINCES_MESSAGES.en.tile('Macau', '1'),
      PROVINCES_MESSAGES.en.total('1'),
      PROVINCES_MESSAGES.en.otherNames(1),
      DAU_MESSAGES.en.mean(1),
      SERVICE_HEALTH_MESSAGES.en.failingLanes('1'),
    ]).toEqual([
      ...['1 missed minute', 'Macau: 1 active user', '1 active user in all'],
      ...['1 name is none of the 34 provinces', 'Mean of 1 full day', '1 lane fails'],
    ]);
  });
});
