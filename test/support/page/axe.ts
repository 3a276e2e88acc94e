import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

import type { AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';

const SOURCE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

export interface Barrier {
  readonly rule: string;
  readonly impact: string;
  readonly elements: readonly string[];
}

/** Returns what axe-core calls serious or critical for people who use assistive technology. */
export async function findBarriers(page: Page): Promise<Barrier[]> {
  // The policy of the page admits no other script, so this one comes through the debugger.
  await page.evaluate(`if (!window.axe) { ${SOURCE} }`);
  const { violations } = await page.evaluate<AxeResults>(
    `window.axe.run(document, { resultTypes: ['violations'], runOnly: ${JSON.stringify(RULES)} })`,
  );
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, impact, nodes }) => ({
      rule: id,
      impact: String(impact),
      elements: nodes.map(({ html, failureSummary }) => `${html} ${failureSummary ?? ''}`),
    }));
}
