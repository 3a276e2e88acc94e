import { describe, expect, it } from '@jest/globals';
import type { EventLog } from '../../../../../src/domain/entities/event-log.entity.js';
import { toColumns } from '../../../../../src/infrastructure/persistence/mappers/event-log.mapper.js';
import { earlier, eventLog, INSTALL, NOW, uuid } from '../../../../support/builders.js';

const EVENT_COLUMNS = ['ids', 'times', 'clientTimes', 'users', 'installs', 'names', 'properties'];
const SESSION_COLUMNS = ['ids', 'days', 'identities', 'provinces', 'cities', 'times', 'payloads'];

/** By name, in the order of the statement's parameters. */
function columnsOf(logs: readonly EventLog[]) {
  const { parameters } = toColumns(logs);
  expect(parameters).toHaveLength(EVENT_COLUMNS.length + SESSION_COLUMNS.length);
  const named = (names: readonly string[], from: number): Record<string, string> =>
    Object.fromEntries(names.map((name, index) => [name, parameters[from + index] ?? '']));
  return {
    events: named(EVENT_COLUMNS, 0),
    sessions: named(SESSION_COLUMNS, EVENT_COLUMNS.length),
  };
}

describe('toColumns', () => {
  it('writes instants in UTC and ids as decimal numbers', () => {
    const logs = [eventLog({ eventId: uuid(1), userId: '9223372036854775807', properties: { a: 1 } })];
    expect(columnsOf(logs).events).toEqual({
      ids: `{${uuid(1)}}`,
      times: '{2025-01-14T17:00:00.000Z}',
      clientTimes: '{NULL}',
      users: '{9223372036854775807}',
      installs: `{"${INSTALL}"}`,
      names: '{"app_session_start"}',
      properties: '[{"a":1}]',
    });
  });

  it('leaves empty what there is not', () => {
    const logs = [eventLog(), eventLog({ eventId: uuid(2) })];
    expect(columnsOf(logs).events).toMatchObject({ users: '{NULL,NULL}', properties: '[null,null]' });
  });

  it('escapes what would end an element or a literal', () => {
    const logs = [eventLog({ installId: 'a"b\\c,{d}', properties: { province: 'NULL' } })];
    const { events, sessions } = columnsOf(logs);
    expect(events['installs']).toBe('{"a\\"b\\\\c,{d}"}');
    expect(sessions).toMatchObject({ identities: '{"i:a\\"b\\\\c,{d}"}', provinces: '{"NULL"}' });
  });

  it('takes "null" for a text wherever a client may write it', () => {
    const logs = [
      eventLog({ eventName: 'null', installId: 'null-null', properties: { province: 'null', city: 'NULL' } }),
      eventLog({ eventId: uuid(2), properties: { province: 'null', city: 'NULL' } }),
    ];
    const { events, sessions } = columnsOf(logs);
    expect(events['names']).toBe('{"null","app_session_start"}');
    expect(sessions).toMatchObject({ provinces: '{"null"}', cities: '{"NULL"}' });
  });

  it('keeps the device’s own time beside a corrected one', () => {
    const { events } = columnsOf([eventLog({ at: NOW, clientTime: earlier(NOW, 1000) })]);
    expect(events['clientTimes']).toBe('{2025-01-14T16:59:59.000Z}');
  });

  it('trap 1: gives a session the day in Shanghai, not the day of its instant in UTC', () => {
    const logs = [eventLog({ at: NOW })];
    expect(columnsOf(logs).sessions['days']).toBe('{2025-01-15}');
    expect(toColumns(logs).sessionDays).toEqual(new Set(['2025-01-15']));
  });

  it('trap 3: gives a session its message as JSON, a 64-bit id included', () => {
    const { sessions } = columnsOf([eventLog({ userId: '9223372036854775807' })]);
    expect(JSON.parse(sessions['payloads'] ?? '')).toMatchObject([{ userId: '9223372036854775807' }]);
  });

  it('takes for sessions only what starts one', () => {
    const { events, sessions } = columnsOf([
      eventLog({ eventName: 'page_view' }),
      eventLog({ eventId: uuid(2), properties: { province: ' 广东', city: '' } }),
    ]);
    expect(events['names']).toBe('{"page_view","app_session_start"}');
    expect(sessions).toMatchObject({
      ids: `{${uuid(2)}}`,
      identities: `{"i:${INSTALL}"}`,
      provinces: '{"广东"}',
      cities: '{""}',
    });
  });
});
