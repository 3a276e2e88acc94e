import { beforeEach, describe, expect, it } from '@jest/globals';
import {
  ImportEventsCommand,
  type ImportTotals,
  type RejectedLine,
} from '../../../../../src/application/commands/import-events/import-events.command.js';
import { ImportEventsHandler } from '../../../../../src/application/commands/import-events/import-events.handler.js';
import type { IBackoff } from '../../../../../src/application/ports/backoff.port.js';
import { EventRecorder } from '../../../../../src/application/services/event-recorder.service.js';
import { StaleDays } from '../../../../../src/application/services/stale-days.service.js';
import { RealtimeDauService } from '../../../../../src/application/services/realtime-dau.service.js';
import { dependencyUnavailable } from '../../../../../src/shared/exceptions/application.exception.js';
import { UuidEventIdGenerator } from '../../../../../src/infrastructure/system/uuid-event-id-generator.js';
import { DAY_MS, eventItem, later, MINUTE_MS, NOW, unixSeconds, uuid } from '../../../../support/builders.js';
import { FixedClock } from '../../../../support/contracts/clock/fake.js';
import { InMemoryEventLog } from '../../../../support/contracts/event-log-repository/fake.js';
import { InMemoryRealtimeDau } from '../../../../support/contracts/realtime-dau-repository/fake.js';

const LONG_AGO = Date.parse('2018-11-05T12:00:00+08:00') / 1000;

let clock: FixedClock;
let eventLog: InMemoryEventLog;
let realtimeDau: InMemoryRealtimeDau;
let backoff: RecordingBackoff;
let handler: ImportEventsHandler;

/** Records the failed attempts and does not wait. */
class RecordingBackoff implements IBackoff {
  readonly attempts: number[] = [];

  async wait(attempt: number): Promise<void> {
    this.attempts.push(attempt);
  }
}

beforeEach(() => {
  clock = new FixedClock();
  eventLog = new InMemoryEventLog();
  realtimeDau = new InMemoryRealtimeDau();
  backoff = new RecordingBackoff();
  handler = new ImportEventsHandler(
    clock,
    new UuidEventIdGenerator(),
    backoff,
    new EventRecorder(eventLog, new RealtimeDauService(realtimeDau, new StaleDays(clock))),
    'canonical',
  );
});

interface Import extends ImportTotals {
  readonly rejections: readonly RejectedLine[];
}

/** Imports the lines and collects the rejections. */
async function importLines(...lines: readonly string[]): Promise<Import> {
  const rejections: RejectedLine[] = [];
  const totals = await handler.execute(
    new ImportEventsCommand(toStream(lines), {
      signal: new AbortController().signal,
      onRejected: (rejected) => rejections.push(rejected),
    }),
  );
  return { ...totals, rejections };
}

async function* toStream(lines: readonly string[]): AsyncGenerator<Buffer> {
  for (const text of lines) yield Buffer.from(text);
}

const line = (overrides: object = {}): string =>
  JSON.stringify(eventItem({ clientTs: LONG_AGO, ...overrides }));

describe('ImportEventsHandler', () => {
  it('stores events of any age on their own days', async () => {
    expect(await importLines(line(), line({ clientTs: 0 }))).toStrictEqual({
      lines: 2,
      accepted: 2,
      duplicates: 0,
      rejected: 0,
      rejections: [],
    });
    expect(eventLog.logs.map(({ day }) => day)).toEqual(['2018-11-05', '1970-01-01']);
  });

  it('gives the same line the same id, so that a second import changes nothing', async () => {
    await importLines(line());
    clock.advance(DAY_MS);
    expect(await importLines(line(), line())).toMatchObject({ accepted: 0, duplicates: 2 });
    expect(eventLog.logs).toHaveLength(1);
  });

  it('gives different lines different ids', async () => {
    await importLines(line(), line({ clientTs: LONG_AGO + 1 }), line({ properties: {} }));
    expect(new Set(eventLog.logs.map(({ eventId }) => eventId.value)).size).toBe(3);
  });

  it('keeps the id that a line has', async () => {
    await importLines(line({ eventId: uuid(7) }));
    expect(eventLog.logs[0]?.eventId.value).toBe(uuid(7));
  });

  it('treats an id of null like a missing one', async () => {
    await importLines(line({ eventId: null }));
    expect(await importLines(line({ eventId: null }))).toMatchObject({ duplicates: 1 });
  });

  it('rejects an event in the future', async () => {
    const tomorrow = line({ clientTs: unixSeconds(later(NOW, DAY_MS)) });
    const tenMinutesAhead = line({ clientTs: unixSeconds(later(NOW, 10 * MINUTE_MS)) });
    const result = await importLines(tomorrow, tenMinutesAhead);
    expect(result).toMatchObject({
      accepted: 1,
      rejected: 1,
      rejections: [{ line: 1, code: 'event_in_future' }],
    });
  });

  it('reports bad lines by number and imports the others', async () => {
    const result = await importLines(
      line(),
      '[]',
      'null',
      '"text"',
      line({ userId: 'abc' }),
      line({ userId: '1' }),
    );
    expect(result).toMatchObject({ accepted: 2, rejected: 4 });
    expect(result.rejections.map(({ line: number, code }) => [number, code])).toEqual([
      [2, 'event_invalid'],
      [3, 'event_invalid'],
      [4, 'event_invalid'],
      [5, 'user_id_invalid'],
    ]);
  });

  it('adds past events to no live DAU', async () => {
    await importLines(line());
    expect(realtimeDau.days.size).toBe(0);
  });

  it('repeats a batch while the database is unavailable, and counts it once', async () => {
    const insert = eventLog.batchInsert.bind(eventLog);
    let failures = 2;
    eventLog.batchInsert = (events) =>
      failures-- > 0 ? Promise.reject(dependencyUnavailable('database', null)) : insert(events);
    expect(await importLines(line())).toMatchObject({ accepted: 1, duplicates: 0 });
    expect(backoff.attempts).toEqual([1, 2]);
  });

  it('fails when the database stays unavailable for six attempts', async () => {
    eventLog.batchInsert = () => Promise.reject(dependencyUnavailable('database', null));
    await expect(importLines(line())).rejects.toMatchObject({ code: 'database_unavailable' });
    expect(backoff.attempts).toEqual([1, 2, 3, 4, 5]);
  });

  it('fails at once on an error that another attempt would not cure', async () => {
    eventLog.batchInsert = () => Promise.reject(new TypeError('a mistake'));
    await expect(importLines(line())).rejects.toThrow('a mistake');
    expect(backoff.attempts).toEqual([]);
  });
});
