import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];
const MAC_APPLICATIONS = [
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/** Returns the path of the browser that TEST_CHROMIUM names, else of one on the machine; null without any. */
export function findChromium(environment: Readonly<Record<string, string | undefined>>): string | null {
  const given = environment['TEST_CHROMIUM'] ?? '';
  if (given !== '') return given;
  const directories = (environment['PATH'] ?? '').split(delimiter).filter((directory) => directory !== '');
  const candidates = [
    ...NAMES.flatMap((name) => directories.map((directory) => join(directory, name))),
    ...MAC_APPLICATIONS,
  ];
  return candidates.find(isExecutable) ?? null;
}

export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
