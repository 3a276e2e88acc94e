import { existsSync, readFileSync } from 'node:fs';
import type { LogVolume } from '../history/history.js';

/** Counts the lines of a replica's log, one JSON object each. A line without a time belongs to the one before it. */
export function readLogVolume(replica: number, path: string): LogVolume {
  const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
  const lines = text.split('\n').filter((line) => line !== '');
  const minutes = new Map<number, number>();
  const messages = new Map<string, number>();
  let minute = 0;
  for (const line of lines) {
    const { time, message } = parse(line);
    const timeMs = Date.parse(time ?? '');
    if (!Number.isNaN(timeMs)) minute = Math.floor(timeMs / 60_000);
    add(minutes, minute);
    // Numbers differ from line to line of the same message.
    add(messages, (typeof message === 'string' ? message : line).replaceAll(/\d+/g, '…').slice(0, 120));
  }
  const [mostFrequent = ['', 0]] = [...messages].sort(([, left], [, right]) => right - left);
  return {
    replica,
    lines: lines.length,
    busiestMinute: Math.max(0, ...minutes.values()),
    mostFrequent: `"${mostFrequent[0]}" × ${String(mostFrequent[1])}`,
  };
}

function parse(line: string): { readonly time?: string; readonly message?: unknown } {
  try {
    return JSON.parse(line) as { readonly time?: string; readonly message?: unknown };
  } catch {
    return {};
  }
}

function add<Key>(counts: Map<Key, number>, key: Key): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
