import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { createGunzip } from 'node:zlib';
import { CommandBus } from '@nestjs/cqrs';
import { ImportEventsCommand } from '../application/commands/import-events/import-events.command.js';
import type { RecordEventsResult } from '../application/commands/record-events/record-events.command.js';
import { ApplicationException } from '../shared/exceptions/application.exception.js';
import { isUnavailableException } from '../shared/exceptions/service-exception.js';
import { runCommand, UsageError } from './support/command.js';
import { Progress } from './support/progress.js';

const BATCH_LINES = 1000;
/** Batches under way at once: the database never waits for the reader. */
const CONCURRENCY = 3;
const MAX_LINE_CHARACTERS = 1024 * 1024;
const MAX_ATTEMPTS = 6;
const SHOWN_REJECTIONS = 20;

interface Line {
  readonly number: number;
  readonly event: unknown;
}

/**
 * `npm run events:import -- FILE.jsonl[.gz]`: history, one event a line in the shape of `POST /analytics/events`, of any
 * age. Importing again changes nothing, so an interrupted import is resumed by starting it again. Exit code 1 when
 * lines were rejected; the others are stored.
 */
await runCommand(async ({ app, signal }) => {
  const [file, ...more] = process.argv.slice(2);
  if (file === undefined || more.length > 0)
    throw new UsageError('Usage: npm run events:import -- FILE.jsonl[.gz]');
  const size = await stat(file).catch(() => null);
  if (!size?.isFile()) throw new UsageError(`${file} is no file that can be read`);

  const commands = app.get(CommandBus);
  const progress = new Progress();
  const totals = { lines: 0, accepted: 0, duplicates: 0, rejected: 0 };
  const startMs = Date.now();

  const reject = (line: number, message: string): void => {
    if (++totals.rejected > SHOWN_REJECTIONS) return;
    progress.done();
    console.error(`line ${line}: ${message}`);
    if (totals.rejected === SHOWN_REJECTIONS) console.error('… further rejected lines are only counted');
  };

  const store = async (lines: readonly Line[]): Promise<void> => {
    const result = await withRetries(() =>
      commands.execute(new ImportEventsCommand(lines.map(({ event }) => event))),
    );
    totals.accepted += result.accepted;
    totals.duplicates += result.duplicates;
    for (const { index, message } of result.rejected ?? []) reject(lines[index]?.number ?? 0, message);
  };

  const source = createReadStream(file);
  const text = file.endsWith('.gz') ? source.pipe(createGunzip()) : source;
  // A broken file must end the import, not hang it: readline does not see errors of the streams before it.
  const failure = new Promise<never>((_, fail) => {
    source.on('error', fail);
    text.on('error', fail);
  });
  failure.catch(() => undefined);
  const lines = createInterface({ input: text, crlfDelay: Infinity });

  const underWay = new Set<Promise<void>>();
  let batch: Line[] = [];
  const flush = async (): Promise<void> => {
    if (batch.length > 0) {
      const stored = store(batch).finally(() => underWay.delete(stored));
      stored.catch(() => undefined); // seen by the race below, or at the end
      underWay.add(stored);
      batch = [];
    }
    if (underWay.size >= CONCURRENCY) await Promise.race(underWay);
    const percent = size.size === 0 ? 100 : Math.floor((source.bytesRead / size.size) * 100);
    const rate = Math.round(
      (totals.accepted + totals.duplicates) / Math.max(0.001, (Date.now() - startMs) / 1000),
    );
    progress.show(
      `${percent} % · ${totals.lines} lines · ${totals.accepted} new · ${totals.duplicates} known · ` +
        `${totals.rejected} rejected · ${rate}/s`,
    );
  };

  const read = async (): Promise<void> => {
    for await (const line of lines) {
      if (signal.aborted) return;
      totals.lines++;
      if (line.trim() === '') continue;
      const event = parse(line);
      if (event === undefined) reject(totals.lines, 'no JSON, or longer than 1 MiB');
      else batch.push({ number: totals.lines, event });
      if (batch.length >= BATCH_LINES) await flush();
    }
  };
  try {
    await Promise.race([read(), failure]).catch((error: unknown) => {
      throw isBroken(error)
        ? new ApplicationException('file_broken', {
            detail: `${file} is broken after line ${totals.lines}: ${error.message}. Import a whole one over what is stored.`,
          })
        : error;
    });
    await flush();
  } finally {
    lines.close();
    source.destroy();
    await Promise.allSettled(underWay).then((settled) => {
      const failed = settled.find((outcome) => outcome.status === 'rejected');
      if (failed) throw failed.reason;
    });
    progress.done();
  }

  console.log(
    `${signal.aborted ? 'Interrupted (start again to resume): ' : ''}${totals.lines} lines: ${totals.accepted} accepted, ` +
      `${totals.duplicates} duplicates, ${totals.rejected} rejected in ${((Date.now() - startMs) / 1000).toFixed(1)} s`,
  );
  if (signal.aborted) return 130;
  return totals.rejected === 0 ? 0 : 1;
});

/** What reading or unpacking a file throws carries a code of the system or of zlib. */
function isBroken(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && /^(?:Z_|E[A-Z]+$)/.test(String(error.code));
}

function parse(line: string): unknown {
  if (line.length > MAX_LINE_CHARACTERS) return undefined;
  try {
    return JSON.parse(line);
  } catch {
    return undefined; // reported with its line number
  }
}

/** A database that is away for a moment does not end an import of hours. */
async function withRetries(work: () => Promise<RecordEventsResult>): Promise<RecordEventsResult> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      const passing = isUnavailableException(error);
      if (!passing || attempt >= MAX_ATTEMPTS) throw error;
      await delay(2 ** attempt * 250 * (0.5 + Math.random() / 2));
    }
  }
}
