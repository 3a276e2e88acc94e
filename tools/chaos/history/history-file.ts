import { createWriteStream, readFileSync } from 'node:fs';
import { constants, createGzip, gunzipSync, type Gzip } from 'node:zlib';
import { finished } from 'node:stream/promises';
import type { Check } from '../../simulation/verification/check.js';
import type { ChaosOptions } from '../options.js';
import type { PlannedFault } from '../plan/fault-plan.js';
import type { History } from './history.js';

/** The kinds of lines; those of one run are written as they happen. */
export type HistoryLine =
  | ({ readonly line: 'run'; readonly options: ChaosOptions } & Pick<History, 'seed' | 'replicas' | 'loadMs'>)
  | { readonly line: 'fault'; readonly fault: History['faults'][number] }
  | { readonly line: 'operation'; readonly operation: History['operations'][number] }
  | { readonly line: 'exit'; readonly exit: History['exits'][number] }
  | { readonly line: 'outbox'; readonly sample: History['outbox'][number] }
  | { readonly line: 'account'; readonly account: History['accounts'][number] }
  | { readonly line: 'machine'; readonly sample: History['machine'][number] }
  | { readonly line: 'memory'; readonly sample: History['memory'][number] }
  | { readonly line: 'log'; readonly log: History['logs'][number] }
  | { readonly line: 'delivery'; readonly delivery: History['delivery'] }
  | { readonly line: 'final'; readonly final: History['final'] }
  | { readonly line: 'plan'; readonly plan: readonly PlannedFault[] }
  | { readonly line: 'verdict'; readonly verdict: readonly Check[] };

/** The check that follows those of the delivery in a verdict. */
const AFTER_DELIVERY = 'the machine keeps up';

/** Writes a history as JSON lines, compressed. */
export class HistoryFile {
  private readonly gzip: Gzip = createGzip();
  private readonly done: Promise<void>;

  constructor(readonly path: string) {
    const file = createWriteStream(path);
    this.gzip.pipe(file);
    this.done = finished(file);
    // `close` reports a failure; until then it must not end the run.
    this.done.catch(() => undefined);
  }

  write(line: HistoryLine): void {
    this.gzip.write(`${JSON.stringify(line)}\n`);
    // A run that is killed can be repeated all the same.
    if (line.line === 'plan') this.gzip.flush();
  }

  /** @throws when the file could not be written */
  async close(): Promise<void> {
    this.gzip.end();
    await this.done;
  }
}

/** Reads a whole history back. @throws when it lacks the final state or the verdict of the devices */
export function readHistory(path: string): History {
  const lines = readLines(path);
  const run = lines.find((line) => line.line === 'run');
  const plan = lines.find((line) => line.line === 'plan');
  const final = lines.find((line) => line.line === 'final');
  const delivery = deliveryIn(lines);
  if (run === undefined || plan === undefined || final === undefined || delivery === undefined)
    throw new Error(`${path}: the history of a run that was cut off`);
  return {
    seed: run.seed,
    replicas: run.replicas,
    loadMs: run.loadMs,
    plan: plan.plan,
    faults: lines.flatMap((line) => (line.line === 'fault' ? [line.fault] : [])),
    operations: lines.flatMap((line) => (line.line === 'operation' ? [line.operation] : [])),
    exits: lines.flatMap((line) => (line.line === 'exit' ? [line.exit] : [])),
    outbox: lines.flatMap((line) => (line.line === 'outbox' ? [line.sample] : [])),
    accounts: lines.flatMap((line) => (line.line === 'account' ? [line.account] : [])),
    machine: lines.flatMap((line) => (line.line === 'machine' ? [line.sample] : [])),
    memory: lines.flatMap((line) => (line.line === 'memory' ? [line.sample] : [])),
    logs: lines.flatMap((line) => (line.line === 'log' ? [line.log] : [])),
    delivery,
    final: final.final,
  };
}

/** Earlier versions wrote the verdict of the devices into the whole verdict alone, before all other checks. */
function deliveryIn(lines: readonly HistoryLine[]): readonly Check[] | undefined {
  const line = lines.find((each) => each.line === 'delivery');
  if (line !== undefined) return line.delivery;
  const verdict = lines.find((each) => each.line === 'verdict')?.verdict ?? [];
  const end = verdict.findIndex(({ name }) => name === AFTER_DELIVERY);
  return end < 0 ? undefined : verdict.slice(0, end);
}

/** Reads what the run of a history was, also of one that was cut off. @throws when it has no plan */
export function readRecordedRun(path: string): {
  readonly options: ChaosOptions;
  readonly plan: readonly PlannedFault[];
} {
  const lines = readLines(path);
  const run = lines.find((line) => line.line === 'run');
  const plan = lines.find((line) => line.line === 'plan');
  if (run === undefined || plan === undefined) throw new Error(`${path}: the history has no plan`);
  return { options: run.options, plan: plan.plan };
}

function readLines(path: string): HistoryLine[] {
  const text = gunzipSync(readFileSync(path), { finishFlush: constants.Z_SYNC_FLUSH }).toString('utf8');
  // The last line of a run that was killed may lack its end.
  return text
    .slice(0, text.lastIndexOf('\n'))
    .split('\n')
    .map((line) => JSON.parse(line) as HistoryLine);
}
