import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

import { expect } from '@jest/globals';
import type { AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';

const SOURCE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const RULES = {
  type: 'tag',
  values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
} as const;
/** Rules that another theme may break. */
const COLOUR_RULES = { type: 'rule', values: ['color-contrast', 'link-in-text-block'] } as const;
/** The rows of the table behind a chart are alike, and the longest has one a minute. */
const FURTHER_ROWS = '.table-of tbody tr:nth-child(n+6)';

export interface Barrier {
  readonly rule: string;
  readonly impact: string;
  readonly elements: readonly string[];
}

/** Returns what axe-core calls serious or critical for people who use assistive technology. */
export function findBarriers(page: Page): Promise<Barrier[]> {
  return check(page, RULES);
}

/** Checks a state of the page in both themes. */
export async function expectNoBarriers(page: Page): Promise<void> {
  for (const [colorScheme, rules] of [
    ['light', RULES],
    ['dark', COLOUR_RULES],
  ] as const) {
    await page.emulateMedia({ colorScheme });
    expect({ colorScheme, barriers: await check(page, rules) }).toEqual({ colorScheme, barriers: [] });
  }
}

async function check(page: Page, rules: typeof RULES | typeof COLOUR_RULES): Promise<Barrier[]> {
  // The policy of the page admits no other script, so this one comes through the debugger.
  await page.evaluate(`if (!window.axe) { ${SOURCE} }`);
  const options = { resultTypes: ['violations'], runOnly: rules };
  const { violations } = await page.evaluate<AxeResults>(
    `window.axe.run({ exclude: [['${FURTHER_ROWS}']] }, ${JSON.stringify(options)})`,
  );
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, impact, nodes }) => ({
      rule: id,
      impact: String(impact),
      elements: nodes.map(({ html, failureSummary }) => `${html} ${failureSummary ?? ''}`),
    }));
}
