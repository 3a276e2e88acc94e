import { beforeEach, describe, expect, it } from '@jest/globals';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { LivePushes } from '../../../../../src/api/http/live/live-pushes.js';
import type { LiveStream } from '../../../../../src/api/http/live/live-stream.js';

const WATCHERS = 1_000;
const streams = Array.from({ length: WATCHERS }, (_, number) => ({ number }) as unknown as LiveStream);
const [first, second] = [Buffer.from('first'), Buffer.from('second')];

let written: { readonly stream: LiveStream; readonly frame: Buffer }[];
let pushes: LivePushes;

beforeEach(() => {
  written = [];
  pushes = new LivePushes((stream, frame) => written.push({ stream, frame }));
});

/** Waits turn by turn until all is written. @returns how much was written by each turn */
async function turns(total: number): Promise<number[]> {
  const seen: number[] = [];
  while (written.length < total) {
    await nextTurn();
    seen.push(written.length);
  }
  return seen;
}

describe('LivePushes', () => {
  it('writes to some streams in each turn, so that requests come between', async () => {
    for (const stream of streams) pushes.add(stream, first);
    expect(written).toHaveLength(0);
    const seen = await turns(WATCHERS);
    expect(seen.length).toBeGreaterThanOrEqual(5);
    expect(seen[0]).toBeLessThanOrEqual(200);
    expect(written.map(({ stream }) => stream)).toEqual(streams);
  });

  it('keeps the order of the frames of each stream', async () => {
    for (const frame of [first, second]) for (const stream of streams) pushes.add(stream, frame);
    await turns(2 * WATCHERS);
    for (const each of streams)
      expect(written.filter(({ stream }) => stream === each).map(({ frame }) => frame)).toEqual([
        first,
        second,
      ]);
  });

  it('hands every stream the same bytes, and copies none', async () => {
    for (const stream of streams) pushes.add(stream, first);
    await turns(WATCHERS);
    expect(written.every(({ frame }) => frame === first)).toBe(true);
  });

  it('rests between two readings', async () => {
    pushes.add(streams[0]!, first);
    await turns(1);
    await nextTurn();
    pushes.add(streams[0]!, second);
    await turns(2);
    expect(written.map(({ frame }) => frame)).toEqual([first, second]);
  });
});
