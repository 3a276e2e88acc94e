import { describe, expect, it } from '@jest/globals';
import { EventImport } from '../../../../../src/application/commands/import-events/event-import.js';
import type {
  ImportTotals,
  RejectedLine,
} from '../../../../../src/application/commands/import-events/import-events.command.js';
import type { RecordEventsResult } from '../../../../../src/application/commands/record-events/record-events.command.js';

const ACCEPTED = (events: readonly unknown[]): RecordEventsResult => ({
  accepted: events.length,
  duplicates: 0,
  failed: 0,
});

/** Store whose batches finish when the test says so. */
class HeldStore {
  readonly batches: (readonly unknown[])[] = [];
  private readonly finishers: (() => void)[] = [];

  readonly store = (events: readonly unknown[]): Promise<RecordEventsResult> => {
    this.batches.push(events);
    return new Promise((resolve) => {
      this.finishers.push(() => {
        resolve(ACCEPTED(events));
      });
    });
  };

  finishNext(): void {
    this.finishers.shift()?.();
  }
}

async function* toStream(lines: Iterable<string>): AsyncGenerator<Buffer> {
  for (const line of lines) yield Buffer.from(line);
}

function* numbers(count: number): Generator<string> {
  for (let i = 1; i <= count; i++) yield String(i);
}

/** Lets all promises run that do not wait for the test. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

interface Run {
  readonly totals: ImportTotals;
  readonly batches: readonly (readonly unknown[])[];
  readonly rejections: readonly RejectedLine[];
  readonly progress: readonly ImportTotals[];
}

async function run(
  lines: Iterable<string> | AsyncIterable<Buffer>,
  store: (events: readonly unknown[]) => RecordEventsResult = ACCEPTED,
): Promise<Run> {
  const batches: (readonly unknown[])[] = [];
  const rejections: RejectedLine[] = [];
  const progress: ImportTotals[] = [];
  const totals = await new EventImport(
    async (events) => {
      batches.push(events);
      return store(events);
    },
    {
      signal: new AbortController().signal,
      onRejected: (rejected) => rejections.push(rejected),
      onProgress: (soFar) => progress.push(soFar),
    },
  ).run(Symbol.asyncIterator in lines ? lines : toStream(lines));
  return { totals, batches, rejections, progress };
}

describe('EventImport', () => {
  it('stores lines in batches of a thousand and reports the totals after each', async () => {
    const { totals, batches, progress } = await run(numbers(2_500));
    expect(batches.map(({ length }) => length)).toEqual([1_000, 1_000, 500]);
    expect(totals).toEqual({ lines: 2_500, accepted: 2_500, duplicates: 0, rejected: 0 });
    expect(progress.map(({ lines }) => lines)).toEqual([1_000, 2_000, 2_500]);
  });

  it('counts empty lines and stores nothing for them', async () => {
    expect(await run(['1', '', '   ', '2'])).toMatchObject({
      totals: { lines: 4, accepted: 2, rejected: 0 },
      batches: [[1, 2]],
    });
  });

  it('rejects lines that are not JSON or longer than 1 MiB', async () => {
    const { totals, rejections } = await run(['1', '{', `"${'x'.repeat(1024 * 1024)}"`, '2']);
    expect(totals).toEqual({ lines: 4, accepted: 2, duplicates: 0, rejected: 2 });
    expect(rejections).toEqual([
      { line: 2, code: null, message: expect.stringMatching(/^The line is not valid JSON/) as unknown },
      { line: 3, code: null, message: 'The line is longer than 1 MiB: shorten it' },
    ]);
  });

  it('names a rejected event by its line, not by its place in the batch', async () => {
    const { totals, rejections } = await run(['', '1', '{', '"bad"', '2'], (events) => ({
      accepted: 1,
      duplicates: 1,
      failed: 1,
      rejected: [{ index: events.indexOf('bad'), code: 'event_invalid', message: 'bad' }],
    }));
    expect(totals).toEqual({ lines: 5, accepted: 1, duplicates: 1, rejected: 2 });
    expect(rejections.at(-1)).toEqual({ line: 4, code: 'event_invalid', message: 'bad' });
  });

  it('stops reading while three batches are in flight', async () => {
    const held = new HeldStore();
    let read = 0;
    async function* lines(): AsyncGenerator<Buffer> {
      for (const line of numbers(10_000)) {
        read++;
        yield Buffer.from(line);
      }
    }
    const finished = new EventImport(held.store, { signal: new AbortController().signal }).run(lines());
    await settle();
    expect({ read, batches: held.batches.length }).toEqual({ read: 3_000, batches: 3 });
    held.finishNext();
    await settle();
    expect({ read, batches: held.batches.length }).toEqual({ read: 4_000, batches: 4 });
    for (let batch = 2; batch <= 10; batch++) {
      held.finishNext();
      await settle();
    }
    expect(await finished).toMatchObject({ lines: 10_000, accepted: 10_000 });
  });

  it('stores the lines that were read before an interruption, and closes the stream', async () => {
    const interrupt = new AbortController();
    let isClosed = false;
    async function* lines(): AsyncGenerator<Buffer> {
      try {
        yield* toStream(['1', '2']);
        interrupt.abort();
        yield Buffer.from('3');
      } finally {
        isClosed = true;
      }
    }
    const totals = await new EventImport(async (events) => ACCEPTED(events), {
      signal: interrupt.signal,
    }).run(lines());
    expect(totals).toMatchObject({ lines: 2, accepted: 2 });
    expect(isClosed).toBe(true);
  });

  it('finishes the batches in flight before it reports a broken stream', async () => {
    const held = new HeldStore();
    async function* lines(): AsyncGenerator<Buffer> {
      yield* toStream(numbers(1_001));
      throw new Error('broken');
    }
    let isFinished = false;
    const finished = new EventImport(held.store, { signal: new AbortController().signal })
      .run(lines())
      .finally(() => (isFinished = true));
    finished.catch(() => undefined);
    await settle();
    expect({ isFinished, batches: held.batches.length }).toEqual({ isFinished: false, batches: 1 });
    held.finishNext();
    await expect(finished).rejects.toThrow('broken');
  });

  it('reports a batch that could not be stored, and reads no further', async () => {
    let read = 0;
    function* lines(): Generator<string> {
      for (const line of numbers(100_000)) {
        read++;
        yield line;
      }
    }
    await expect(
      run(lines(), () => {
        throw new Error('not stored');
      }),
    ).rejects.toThrow('not stored');
    expect(read).toBeLessThan(5_000);
  });
});
