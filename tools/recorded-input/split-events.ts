import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

/** Files of events, one a line, in the order in which they are to be imported. */
export interface EventParts {
  readonly files: readonly [later: string, earliestThird: string];
  readonly counts: readonly [number, number];
}

/** Splits a file so that its earliest third is imported last: every first day then moves. */
export function splitEvents(file: string, directory: string): EventParts {
  const bytes = readFileSync(file);
  const text = (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
  const lines = text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => ({ line, clientTs: (JSON.parse(line) as { clientTs: number }).clientTs }))
    .sort((a, b) => a.clientTs - b.clientTs);
  const third = Math.floor(lines.length / 3);
  const write = (name: string, part: typeof lines): string => {
    const path = join(directory, name);
    writeFileSync(path, part.map(({ line }) => `${line}\n`).join(''));
    return path;
  };
  return {
    files: [write('later.jsonl', lines.slice(third)), write('earliest-third.jsonl', lines.slice(0, third))],
    counts: [lines.length - third, third],
  };
}
