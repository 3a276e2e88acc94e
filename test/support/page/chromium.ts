import { chromium, type BrowserServer } from 'playwright-core';

import { findChromium, isExecutable } from './find-chromium.js';

const INSTALL_HINT =
  'Install it (Debian/Ubuntu: apt-get install chromium; macOS: brew install chromium; or ' +
  '"node tools/install-test-services.mjs"), or set TEST_CHROMIUM to the path of a Chromium or Chrome.';
const START_TIMEOUT_MS = 60_000;

/** Starts a browser without a window, which several test files share. @throws Error that says what to install */
export async function startChromium(): Promise<BrowserServer> {
  const executablePath = findChromium(process.env);
  if (executablePath === null) throw new Error(`The tests of the page need Chromium. ${INSTALL_HINT}`);
  if (!isExecutable(executablePath))
    throw new Error(`TEST_CHROMIUM names ${executablePath}, which is not a program. ${INSTALL_HINT}`);
  try {
    return await chromium.launchServer({
      executablePath,
      host: '127.0.0.1',
      timeout: START_TIMEOUT_MS,
      // A process that stands in for a graphics card only costs time.
      args: ['--font-render-hinting=none', '--force-color-profile=srgb', '--disable-gpu'],
    });
  } catch (cause) {
    throw new Error(`${executablePath} does not start. ${INSTALL_HINT}`, { cause });
  }
}
