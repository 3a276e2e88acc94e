import { runPlan, type ChaosEnvironment } from '../chaos-run.js';
import { checkHistory } from '../checkers/check-history.js';
import { readHistory, readRecordedRun } from '../history/history-file.js';
import type { ReplayOptions } from '../options.js';
import { renderChecks, renderPlan } from '../report/verdict.js';

/** Judges a recorded run again, then repeats its plan with its options, and returns the exit code of the repetition. */
export async function replayRun(
  { replay, directory }: ReplayOptions,
  environment: ChaosEnvironment,
): Promise<number> {
  const { output } = environment;
  const { options, plan } = readRecordedRun(replay);
  try {
    output.write(`recorded in ${replay}:\n${renderChecks(checkHistory(readHistory(replay)), true)}\n`);
  } catch (error) {
    // The plan of a run that was killed can be repeated all the same.
    output.write(`${error instanceof Error ? error.message : String(error)}\n\n`);
  }
  output.write(renderPlan(plan));
  return (await runPlan({ ...options, plan, directory }, environment)).exitCode;
}
