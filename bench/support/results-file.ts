import { mkdirSync, writeFileSync } from 'node:fs';

import { print } from './output.js';
import type { Results } from './results.js';

const RESULTS = new URL('../results/', import.meta.url);

/** Writes results to bench/results, in a file named after the start of the run. */
export function saveResults(results: Results): void {
  mkdirSync(RESULTS, { recursive: true });
  const { startedAt, replicas } = results;
  const name = `${startedAt.slice(0, 16).replace(':', '')}Z${replicas > 1 ? `-replicas-${replicas}` : ''}.json`;
  writeFileSync(new URL(name, RESULTS), `${JSON.stringify(results, null, 2)}\n`);
  print(`  (bench/results/${name})`);
}
