import { describe, expect, it } from '@jest/globals';
import type { EventLog } from '../../../../../src/domain/entities/event-log.entity.js';
import { toColumns } from '../../../../../src/infrastructure/persistence/mappers/event-log.mapper.js';
import { toText } from '../../../../support/binary-arrays.js';
import { earlier, eventLog, INSTALL, NOW, uncheckedInstallId, uuid } from '../../../../support/builders.js';

const EVENT_COLUMNS = ['ids', 'times', 'clientTimes', 'users', 'installs', 'names', 'properties'];
const SESSION_COLUMNS = ['ids', 'days', 'identities', 'provinces', 'cities', 'times', 'payloads'];

/** Names the columns, in the order of the statement's parameters, and shows each as a literal of PostgreSQL. */
function columnsOf(events: readonly EventLog[]) {
  const { parameters } = toColumns(events);
  expect(parameters).toHaveLength(EVENT_COLUMNS.length + SESSION_COLUMNS.length);
  const named = (names: readonly string[], from: number): Record<string, string> =>
    Object.fromEntries(names.map((name, index) => [name, toText(parameters[from + index] ?? '')]));
  return {
    events: named(EVENT_COLUMNS, 0),
    sessions: named(SESSION_COLUMNS, EVENT_COLUMNS.length),
  };
}

describe('toColumns', () => {
  it('writes instants in UTC and ids as decimal numbers', () => {
    const events = [eventLog({ eventId: uuid(1), userId: '9223372036854775807', properties: { a: 1 } })];
    expect(columnsOf(events).events).toEqual({
      ids: `{${uuid(1)}}`,
      times: '{2025-01-14T17:00:00.000Z}',
      clientTimes: '{}',
      users: '{9223372036854775807}',
      installs: `{"${INSTALL}"}`,
      names: '{"app_session_start"}',
      properties: '[{"a":1}]',
    });
  });

  it('writes NULL for a missing user and null for missing properties', () => {
    const events = [eventLog(), eventLog({ eventId: uuid(2) })];
    expect(columnsOf(events).events).toMatchObject({ users: '{NULL,NULL}', properties: '[null,null]' });
  });

  it('escapes characters that would end an element or a literal', () => {
    const { events, sessions } = columnsOf([
      eventLog({ installId: 'a"b\\c,{d}', properties: { province: 'NULL' } }),
    ]);
    expect(events['installs']).toBe('{"a\\"b\\\\c,{d}"}');
    expect(sessions).toMatchObject({ identities: '{"i:a\\"b\\\\c,{d}"}', provinces: '{"NULL"}' });
  });

  it('writes a client’s "null" as text', () => {
    const { events, sessions } = columnsOf([
      eventLog({
        eventName: 'null',
        installId: uncheckedInstallId('null-null'),
        properties: { province: 'null', city: 'NULL' },
      }),
      eventLog({ eventId: uuid(2), properties: { province: 'null', city: 'NULL' } }),
    ]);
    expect(events['names']).toBe('{"null","app_session_start"}');
    expect(sessions).toMatchObject({ provinces: '{"null"}', cities: '{"NULL"}' });
  });

  it('keeps the device’s own time beside the corrected one, and NULL for the others', () => {
    const { events } = columnsOf([
      eventLog({ at: NOW, clientTime: earlier(NOW, 1000) }),
      eventLog({ eventId: uuid(2) }),
    ]);
    expect(events['clientTimes']).toBe('{2025-01-14T16:59:59.000Z,NULL}');
  });

  it('trap 1: assigns a session start to its day in Shanghai, not in UTC', () => {
    const events = [eventLog({ at: NOW })];
    expect(columnsOf(events).sessions['days']).toBe('{2025-01-15}');
    expect(toColumns(events).sessionDays).toEqual(new Set(['2025-01-15']));
  });

  it('trap 3: writes the message of a session start as JSON with its 64-bit user id', () => {
    const { sessions } = columnsOf([eventLog({ userId: '9223372036854775807' })]);
    expect(JSON.parse(sessions['payloads'] ?? '')).toMatchObject([{ userId: '9223372036854775807' }]);
  });

  it('writes session columns for session starts only', () => {
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
