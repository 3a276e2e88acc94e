import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Check } from '../../simulation/verification/check.js';
import { endOf } from '../checkers/event-index.js';
import { crashesOf } from '../checkers/processes.js';
import { unpublishedSessions } from '../checkers/published.js';
import { recoveriesOf } from '../checkers/recovery.js';
import { compareStored } from '../checkers/stored-once.js';
import type { History } from '../history/history.js';
import type { ChaosOptions } from '../options.js';

/** Says what was run, so that a reader can repeat it. */
export interface Provenance {
  /** The command that plans the same run; null for a run of a recorded plan. */
  readonly command: string | null;
  /** Null where there is no repository. */
  readonly commit: string | null;
}

/** Sums up one run for the totals; it lies beside the history. Older reports lack the provenance. */
export interface RunReport extends Partial<Provenance> {
  readonly seed: string;
  readonly minutes: number;
  readonly replicas: number;
  /** The variants of the stores that ran. */
  readonly stores: readonly string[];
  readonly verdict: Check['verdict'];
  readonly faults: Readonly<Record<string, number>>;
  readonly requests: number;
  readonly acknowledged: number;
  readonly stored: number;
  readonly published: number;
  readonly lost: number;
  readonly twice: number;
  readonly unpublished: number;
  readonly crashes: number;
  /** 1 when the audit found drift. */
  readonly drifts: number;
  readonly recoveriesMs: readonly number[];
  /** The names of checks that do not hold, and of those that stayed open. */
  readonly wrong: readonly string[];
  readonly open: readonly string[];
}

const FILE = 'verdict.json';

export function verdictOf(checks: readonly Check[]): Check['verdict'] {
  if (checks.some(({ verdict }) => verdict === 'wrong')) return 'wrong';
  return checks.some(({ verdict }) => verdict === 'open') ? 'open' : 'right';
}

export function reportOf(history: History, checks: readonly Check[], stores: readonly string[]): RunReport {
  const { seed, loadMs, replicas, faults, operations, final } = history;
  const { acknowledged, missing, doubled } = compareStored(history);
  const named = (verdict: Check['verdict']): string[] =>
    checks.filter((check) => check.verdict === verdict).map(({ name }) => name);
  return {
    seed,
    minutes: loadMs / 60_000,
    replicas,
    stores,
    verdict: verdictOf(checks),
    faults: countEach(appliedKinds(faults)),
    requests: operations.length,
    acknowledged,
    stored: final.stored.length,
    published: final.published.length,
    lost: missing.length,
    twice: doubled.length,
    unpublished: unpublishedSessions(history).length,
    crashes: crashesOf(history).length,
    drifts: final.audit.exitCode === 0 ? 0 : 1,
    recoveriesMs: recoveriesOf(history),
    wrong: named('wrong'),
    open: named('open'),
  };
}

/**
 * Returns the report of a run that ended with an error: what it did counts, and so does that it failed. The stores
 * were not read, so it says nothing about events.
 */
export function brokenReportOf(
  { seed, durationMs, replicas, stores }: ChaosOptions,
  { faults, operations, exits }: Pick<History, 'faults' | 'operations' | 'exits'>,
  checks: readonly Check[],
): RunReport {
  const last = operations.at(-1);
  const loadMs = last === undefined ? 0 : Math.min(durationMs, endOf(last));
  const unread = { acknowledged: 0, stored: 0, published: 0, lost: 0, twice: 0, unpublished: 0, drifts: 0 };
  return {
    ...{ seed, minutes: loadMs / 60_000, replicas, stores, verdict: 'wrong', requests: operations.length },
    faults: countEach(appliedKinds(faults)),
    ...unread,
    crashes: crashesOf({ exits, faults }).length,
    recoveriesMs: recoveriesOf({ faults, operations, replicas, loadMs }),
    ...{ wrong: checks.map(({ name }) => name), open: [] },
  };
}

/** Writes the report beside the history of its run; a run that is judged again keeps its commit and its command. */
export function saveReport(historyPath: string, report: RunReport): void {
  const directory = dirname(historyPath);
  const { commit, command } = readReport(directory) ?? {};
  writeFileSync(join(directory, FILE), `${JSON.stringify({ commit, command, ...report }, null, 2)}\n`);
}

/** @returns undefined when the run was cut off before its verdict */
export function readReport(directory: string): RunReport | undefined {
  try {
    return JSON.parse(readFileSync(join(directory, FILE), 'utf8')) as RunReport;
  } catch {
    return undefined;
  }
}

function appliedKinds(faults: History['faults']): string[] {
  return faults.filter(({ error }) => error === undefined).map(({ kind }) => kind);
}

function countEach(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}
