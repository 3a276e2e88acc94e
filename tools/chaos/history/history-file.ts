import { createWriteStream, readFileSync } from 'node:fs';
import { createGzip, gunzipSync, type Gzip } from 'node:zlib';
import { finished } from 'node:stream/promises';
import type { History } from './history.js';

/** The kinds of lines; those of one run are written as they happen. */
export type HistoryLine =
  | ({ readonly line: 'run' } & Pick<History, 'seed' | 'replicas' | 'loadMs'>)
  | { readonly line: 'fault'; readonly fault: History['faults'][number] }
  | { readonly line: 'operation'; readonly operation: History['operations'][number] }
  | { readonly line: 'exit'; readonly exit: History['exits'][number] }
  | { readonly line: 'outbox'; readonly sample: History['outbox'][number] }
  | { readonly line: 'account'; readonly account: History['accounts'][number] }
  | { readonly line: 'machine'; readonly sample: History['machine'][number] }
  | { readonly line: 'log'; readonly log: History['logs'][number] }
  | { readonly line: 'final'; readonly final: History['final'] }
  | { readonly line: 'plan'; readonly plan: unknown }
  | { readonly line: 'verdict'; readonly verdict: unknown };

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
  }

  /** @throws when the file could not be written */
  async close(): Promise<void> {
    this.gzip.end();
    await this.done;
  }
}

/** Reads a whole history back. @throws when it has no final state */
export function readHistory(path: string): History {
  const lines = gunzipSync(readFileSync(path))
    .toString('utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as HistoryLine);
  const run = lines.find((line) => line.line === 'run');
  const final = lines.find((line) => line.line === 'final');
  if (run === undefined || final === undefined)
    throw new Error(`${path}: the history of a run that was cut off`);
  return {
    seed: run.seed,
    replicas: run.replicas,
    loadMs: run.loadMs,
    faults: lines.flatMap((line) => (line.line === 'fault' ? [line.fault] : [])),
    operations: lines.flatMap((line) => (line.line === 'operation' ? [line.operation] : [])),
    exits: lines.flatMap((line) => (line.line === 'exit' ? [line.exit] : [])),
    outbox: lines.flatMap((line) => (line.line === 'outbox' ? [line.sample] : [])),
    accounts: lines.flatMap((line) => (line.line === 'account' ? [line.account] : [])),
    machine: lines.flatMap((line) => (line.line === 'machine' ? [line.sample] : [])),
    logs: lines.flatMap((line) => (line.line === 'log' ? [line.log] : [])),
    final: final.final,
  };
}
