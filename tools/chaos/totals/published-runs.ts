import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { RunReport } from '../report/run-report.js';

export interface Run {
  /** The name of its directory: seed and start, such as `7-20250115103000000`. */
  readonly name: string;
  /** Null for a run that was cut off before its verdict. */
  readonly report: RunReport | null;
}

/** A run with the version of the service that it ran. */
interface PublishedRun extends Run {
  readonly version: string;
}

/**
 * Adds runs to those that are published beside a page, one JSON line each, so that totals outlive the histories. A
 * published run that was judged again gets its new report.
 *
 * @param page path of a Markdown file; `docs/reliability.md` has its runs in `docs/reliability-runs.jsonl`
 * @returns every published run of this version, the earlier ones first
 */
export function publishRuns(page: string, runs: readonly Run[], version: string): readonly Run[] {
  const path = page.replace(/\.md$/, '-runs.jsonl');
  const earlier = existsSync(path) ? readLines(path) : [];
  const known = new Set(earlier.map(({ name }) => name));
  const reports = new Map(runs.map(({ name, report }) => [name, report]));
  const added = runs.filter(({ name }) => !known.has(name)).map((run) => ({ ...run, version }));
  const published = [
    // A lost report takes nothing back.
    ...earlier.map((run) => ({ ...run, report: reports.get(run.name) ?? run.report })),
    ...added,
  ];
  writeFileSync(path, published.map((run) => `${JSON.stringify(run)}\n`).join(''));
  return published.filter((run) => run.version === version);
}

function readLines(path: string): PublishedRun[] {
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as PublishedRun);
}
