import { mkdirSync, rmSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { chromium, type Browser, type Page } from 'playwright-core';
import { startChromium } from '../test/support/page/chromium.js';
import { freePort, spawnTypeScript, temporaryDirectory, waitFor } from '../test/support/processes.js';
import { findMissingFont } from './screenshots/font-check.js';
import { SCREENSHOTS } from './screenshots/screenshots-command.js';
import { VIEWS, type View } from './screenshots/views.js';
import { commandLineOf } from './support/command-line-of.js';
import { hostEnvironment } from './support/host-environment.js';

const DEMO = new URL('demo.ts', import.meta.url);
const DEMO_MS = 5 * 60_000;
const PAGE_MS = 60_000;
/** Pushed numbers that the curve of the last minutes shows at least. */
const READINGS = 12;
/** Space around cards. */
const MARGIN_PX = 12;
/** Keeps the documents light. */
const MAX_BYTES = 300_000;

interface Area {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** `npm run screenshots`: see tools/screenshots/screenshots-command.ts. */
async function main(): Promise<void> {
  const { out } = commandLineOf(SCREENSHOTS);
  const missing = findMissingFont();
  if (missing !== null) throw new Error(missing);
  const directory = temporaryDirectory('screenshots');
  const { PATH = '', HOME = '' } = hostEnvironment();
  const port = await freePort();
  const demo = spawnTypeScript(DEMO, [`--port=${port}`, `--data=${directory}`], { env: { PATH, HOME } });
  const server = await startChromium();
  try {
    const [link] = await demo.line(/http:\S+\/dashboard#token=\S+/, DEMO_MS);
    await takePictures(await chromium.connect(server.wsEndpoint()), link, resolve(out));
  } finally {
    await server.close();
    await demo.end();
    rmSync(directory, { recursive: true, force: true });
  }
}

async function takePictures(browser: Browser, link: string, directory: string): Promise<void> {
  mkdirSync(directory, { recursive: true });
  const pages = await Promise.all(VIEWS.map((view) => openView(browser, view, link)));
  for (const [index, view] of VIEWS.entries()) {
    const page = pages[index];
    if (page === undefined) continue;
    await settle(page);
    const path = join(directory, `${view.name}.png`);
    const clip = await areaOf(page, view);
    await page.screenshot({ path, clip, fullPage: true, animations: 'disabled' });
    const { size } = statSync(path);
    process.stdout.write(`${path}: ${clip.width} × ${clip.height}, ${Math.ceil(size / 1000)} kB\n`);
    if (size > MAX_BYTES)
      throw new Error(`${path} must have at most ${MAX_BYTES} bytes, and it has ${size}: cut it in VIEWS.`);
  }
  await browser.close();
}

async function openView(browser: Browser, view: View, link: string): Promise<Page> {
  const context = await browser.newContext({
    locale: view.language === 'zh' ? 'zh-CN' : 'en-GB',
    timezoneId: 'Asia/Shanghai',
    colorScheme: view.theme,
    reducedMotion: 'reduce',
    viewport: { width: view.width, height: view.height },
  });
  context.setDefaultTimeout(PAGE_MS);
  const page = await context.newPage();
  // The load event waits for pictures, too.
  await page.goto(link, { waitUntil: 'load' });
  return page;
}

/** Returns the pixels of the page that a picture shows. */
async function areaOf(page: Page, { part, width }: View): Promise<Area> {
  if ('cutAt' in part) return { x: 0, y: 0, width, height: part.cutAt };
  const boxes = await Promise.all(
    part.cards.map((title) => page.getByRole('region', { name: title, exact: true }).boundingBox()),
  );
  const shown = boxes.filter((box) => box !== null);
  if (shown.length < boxes.length) throw new Error(`The page does not show all of ${part.cards.join(', ')}.`);
  const [x, y] = [Math.min(...shown.map((box) => box.x)), Math.min(...shown.map((box) => box.y))];
  const right = Math.max(...shown.map((box) => box.x + box.width));
  const bottom = Math.max(...shown.map((box) => box.y + box.height));
  return {
    ...{ x: x - MARGIN_PX, y: y - MARGIN_PX },
    ...{ width: Math.ceil(right - x) + 2 * MARGIN_PX, height: Math.ceil(bottom - y) + 2 * MARGIN_PX },
  };
}

/** Waits until every figure is there and the pushed number has a curve. */
async function settle(page: Page): Promise<void> {
  await page.locator('[data-phase="open"]').waitFor();
  await page.locator('.card[aria-busy="true"]').first().waitFor({ state: 'detached' });
  // A busy machine answers late now and then, and the picture must not show it.
  await page.locator('.tag-good[role="status"]').waitFor();
  await page.locator('[data-stale="true"]').first().waitFor({ state: 'detached' });
  const chart = page.getByRole('slider').first();
  await waitFor(async () => Number(await chart.getAttribute('aria-valuemax')) + 1 >= READINGS, 2 * PAGE_MS, {
    what: `the page has ${READINGS} readings of the users online`,
  });
}

try {
  await main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
process.exit();
