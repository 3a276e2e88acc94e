import type { Check } from '../../simulation/verification/check.js';
import type { AppliedFault, History, ReplicaExit } from '../history/history.js';
import { checkOf, openCheckOf, seconds } from './findings.js';

/** A start may fail while a fault lasts and shortly after it. */
export const START_TAKES_MS = 20_000;
const LINES_A_MINUTE_AT_MOST = 300;

/** No replica ends by itself, each ends with 0 on SIGTERM, and none floods the log. */
export function checkProcesses(history: History): Check[] {
  const { exits, logs } = history;
  const crashes = crashesOf(history);
  // A process that has not installed its handlers yet ends by the signal.
  const unclean = exits.filter((exit) => exit.asked === 'SIGTERM' && exit.hadStarted && exit.code !== 0);
  const floods = logs.filter(({ busiestMinute }) => busiestMinute > LINES_A_MINUTE_AT_MOST);
  return [
    checkOf('no replica ends by itself', crashes.map(describe), `${String(exits.length)} exits`),
    checkOf(
      'SIGTERM ends a replica with exit code 0',
      unclean.map(describe),
      `${String(exits.length)} exits`,
    ),
    openCheckOf(
      'log lines are bounded',
      floods.map(
        ({ replica, busiestMinute, mostFrequent }) =>
          `replica ${String(replica)}: ${String(busiestMinute)} lines in a minute, most often ${mostFrequent}`,
      ),
      logs.filter(({ lines }) => lines === 0).map(({ replica }) => `no line of replica ${String(replica)}`),
      logs
        .map(
          ({ lines, busiestMinute }) =>
            `${String(lines)} lines, ${String(busiestMinute)} in the busiest minute`,
        )
        .join('; '),
    ),
  ];
}

/** Returns the exits of replicas that nothing asked for; a start may fail while a fault lasts. */
export function crashesOf({ exits, faults }: Pick<History, 'exits' | 'faults'>): ReplicaExit[] {
  return exits.filter((exit) => exit.asked === null && !(isFailedStart(exit) && wasDisturbed(exit, faults)));
}

function isFailedStart({ hadStarted }: ReplicaExit): boolean {
  return !hadStarted;
}

function wasDisturbed({ atMs }: ReplicaExit, faults: readonly AppliedFault[]): boolean {
  return faults.some(({ appliedMs, healedMs }) => appliedMs <= atMs && atMs <= healedMs + START_TAKES_MS);
}

function describe({ replica, atMs, code, lastLines }: ReplicaExit): string {
  return `replica ${String(replica)} at ${seconds(atMs)}: exit code ${String(code)}; ${lastLines.slice(-2).join(' | ').slice(0, 400)}`;
}
