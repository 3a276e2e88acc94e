import { dirname } from 'node:path';
import { runPlan, type ChaosEnvironment } from '../chaos-run.js';
import { checkHistory } from '../checkers/check-history.js';
import { readHistory, readRecordedRun } from '../history/history-file.js';
import { readReport } from '../report/run-report.js';
import { renderPlan } from '../report/verdict.js';
import { closeGaps } from './close-gaps.js';
import { shrinkFaults } from './shrink-faults.js';

/** Repeats parts of a failed run's plan and prints the smallest one that fails in one of its checks. */
export async function shrinkRun(
  path: string,
  attempts: number,
  environment: ChaosEnvironment,
): Promise<number> {
  const { output, stop } = environment;
  const { options, plan } = readRecordedRun(path);
  const wanted = readReport(dirname(path))?.wrong ?? wrongNames(checkHistory(readHistory(path)));
  if (wanted.length === 0) {
    output.write(`${path}: every check holds, there is nothing to shrink\n`);
    return 0;
  }
  output.write(`${String(plan.length)} faults, failing: ${wanted.join('; ')}\n`);
  let smallest = path;
  const fails = async (part: typeof plan): Promise<boolean> => {
    if (stop.aborted) return false;
    const shorter = closeGaps(part);
    output.write(`\n${String(part.length)} faults: ${part.map(({ kind }) => kind).join(', ')}\n`);
    const { checks, historyPath } = await runPlan(
      { ...options, ...shorter, isQuiet: true, directory: `${options.directory}-shrunk` },
      environment,
    );
    const isAlike = wrongNames(checks).some((name) => wanted.includes(name));
    if (isAlike) smallest = historyPath;
    return isAlike;
  };
  const shrunk = await shrinkFaults(plan, fails, attempts);
  output.write(
    `\n${String(shrunk.length)} of ${String(plan.length)} faults are left:\n${renderPlan(shrunk)}`,
  );
  output.write(`again: npm run chaos -- --replay ${smallest}\n`);
  return stop.aborted ? 130 : 1;
}

function wrongNames(checks: readonly { readonly name: string; readonly verdict: string }[]): string[] {
  return checks.filter(({ verdict }) => verdict === 'wrong').map(({ name }) => name);
}
