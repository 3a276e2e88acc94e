import type { Run } from './published-runs.js';

const UNKNOWN = 'unknown';

/** Writes the commits that were run and, for each run, the command that repeats it, as Markdown. */
export function listRuns(runs: readonly Run[]): string[] {
  const commits = new Map<string, number>();
  for (const run of runs) commits.set(commitOf(run), (commits.get(commitOf(run)) ?? 0) + 1);
  const counted = [...commits].map(
    ([commit, times]) => `${commit} (${times === 1 ? '1 run' : `${String(times)} runs`})`,
  );
  return [
    `Commits: ${counted.join(', ')}.`,
    [
      '| run | commit | verdict | repeated by |',
      '| --- | --- | --- | --- |',
      ...runs.map(
        (run) =>
          `| ${[run.name, commitOf(run), run.report?.verdict ?? 'cut off', commandOf(run)].join(' | ')} |`,
      ),
    ].join('\n'),
  ];
}

function commitOf({ report }: Run): string {
  return report?.commit ?? UNKNOWN;
}

function commandOf({ report }: Run): string {
  if (report?.command === null) return 'its recorded plan';
  return report?.command === undefined ? UNKNOWN : `\`${report.command}\``;
}
