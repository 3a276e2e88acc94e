import { beforeEach, describe, expect, it } from '@jest/globals';
import { ImportEventsCommand } from '../../../../../src/application/commands/import-events/import-events.command.js';
import { ImportEventsHandler } from '../../../../../src/application/commands/import-events/import-events.handler.js';
import type { RecordEventsResult } from '../../../../../src/application/commands/record-events/record-events.command.js';
import { EventRecorder } from '../../../../../src/application/services/event-recorder.service.js';
import { LiveActives } from '../../../../../src/application/services/live-actives.service.js';
import { RealtimeDauService } from '../../../../../src/application/services/realtime-dau.service.js';
import { UuidEventIdGenerator } from '../../../../../src/infrastructure/system/uuid-event-id-generator.js';
import { DAY_MS, eventItem, later, MINUTE_MS, NOW, unixSeconds, uuid } from '../../../../support/builders.js';
import { FixedClock } from '../../../../support/contracts/clock/fake.js';
import { InMemoryEventLog } from '../../../../support/contracts/event-log-repository/fake.js';
import { InMemoryRealtimeDau } from '../../../../support/contracts/realtime-dau-repository/fake.js';

const LONG_AGO = Date.parse('2018-11-05T12:00:00+08:00') / 1000;

let clock: FixedClock;
let eventLog: InMemoryEventLog;
let realtimeDau: InMemoryRealtimeDau;
let handler: ImportEventsHandler;

beforeEach(() => {
  clock = new FixedClock();
  eventLog = new InMemoryEventLog();
  realtimeDau = new InMemoryRealtimeDau();
  handler = new ImportEventsHandler(
    clock,
    new UuidEventIdGenerator(),
    new EventRecorder(
      eventLog,
      new RealtimeDauService(clock, realtimeDau, eventLog.actives, new LiveActives(clock, eventLog.actives)),
    ),
  );
});

/** Imports lines of a file. */
function importLines(...lines: readonly string[]): Promise<RecordEventsResult> {
  return handler.execute(new ImportEventsCommand(lines.map((line) => JSON.parse(line) as unknown)));
}

const line = (overrides: object = {}): string =>
  JSON.stringify(eventItem({ clientTs: LONG_AGO, ...overrides }));

describe('ImportEventsHandler', () => {
  it('accepts events of any age and counts them on their own days', async () => {
    expect(await importLines(line(), line({ clientTs: 0 }))).toStrictEqual({
      accepted: 2,
      duplicates: 0,
      failed: 0,
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

  it('keeps the id of a line that has one', async () => {
    await importLines(line({ eventId: uuid(7) }));
    expect(eventLog.logs[0]?.eventId.value).toBe(uuid(7));
  });

  it('treats an id of null as absent', async () => {
    await importLines(line({ eventId: null }));
    expect(await importLines(line({ eventId: null }))).toMatchObject({ duplicates: 1 });
  });

  it('rejects a time in the future', async () => {
    const tomorrow = line({ clientTs: unixSeconds(later(NOW, DAY_MS)) });
    const aheadOfUs = line({ clientTs: unixSeconds(later(NOW, 10 * MINUTE_MS)) });
    const result = await importLines(tomorrow, aheadOfUs);
    expect(result).toMatchObject({
      accepted: 1,
      failed: 1,
      rejected: [{ index: 0, code: 'event_in_future' }],
    });
  });

  it('reports bad lines by index and imports the others', async () => {
    const result = await importLines(
      line(),
      '[]',
      'null',
      '"text"',
      line({ userId: 'abc' }),
      line({ userId: '1' }),
    );
    expect(result).toMatchObject({ accepted: 2, failed: 4 });
    expect(result.rejected?.map(({ index, code }) => [index, code])).toEqual([
      [1, 'event_invalid'],
      [2, 'event_invalid'],
      [3, 'event_invalid'],
      [4, 'user_id_invalid'],
    ]);
  });

  it('adds nothing to the live DAU', async () => {
    await importLines(line());
    expect(realtimeDau.days.size).toBe(0);
  });
});
