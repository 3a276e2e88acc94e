import { readFileSync, writeFileSync } from 'node:fs';

import prettier from 'prettier';

import { drawGrowth, drawRatios } from './chart.js';
import { mergeRuns } from './merge-runs.js';
import { renderResults } from './render-results.js';
import type { Results } from './results.js';

const DOCS = new URL('../../docs/', import.meta.url);
const BEGIN = '<!-- results: written by npm run bench -->';
const END = '<!-- end of results -->';

/** Writes the tables of these runs into docs/performance.md and draws its charts. */
export async function updatePerformancePage(runs: readonly Results[]): Promise<void> {
  const page = new URL('performance.md', DOCS);
  const text = readFileSync(page, 'utf8');
  const [before, rest = ''] = text.split(BEGIN);
  const after = rest.split(END)[1] ?? '';
  const updated = `${before}${BEGIN}\n\n${renderResults(runs)}\n${END}${after}`;
  const style = await prettier.resolveConfig(page);
  writeFileSync(page, await prettier.format(updated, { ...style, parser: 'markdown' }));
  const { comparisons, growth } = mergeRuns(runs);
  writeFileSync(new URL('performance.svg', DOCS), drawRatios(comparisons));
  writeFileSync(new URL('growth.svg', DOCS), drawGrowth(growth));
}
