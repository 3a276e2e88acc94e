import { describe, expect, it } from '@jest/globals';
import { toColumns } from '../../../../../src/infrastructure/persistence/mappers/event-log.mapper.js';
import { earlier, eventLog, INSTALL, NOW, uuid } from '../../../../support/builders.js';

describe('toColumns', () => {
  it('writes instants in UTC and ids as decimal strings', () => {
    const columns = toColumns([
      eventLog({ eventId: uuid(1), userId: '9223372036854775807', properties: { a: 1 } }),
    ]);
    expect(columns).toMatchObject({
      eventIds: [uuid(1)],
      eventTimes: ['2025-01-14T17:00:00.000Z'],
      clientTimes: [''],
      userIds: ['9223372036854775807'],
      installIds: [INSTALL],
      eventNames: ['app_session_start'],
      properties: ['{"a":1}'],
    });
  });

  it('leaves empty what there is not', () => {
    expect(toColumns([eventLog()])).toMatchObject({ userIds: [''], properties: [''], clientTimes: [''] });
  });

  it('keeps the device’s own time beside a corrected one', () => {
    const columns = toColumns([eventLog({ at: NOW, clientTime: earlier(NOW, 1000) })]);
    expect(columns.clientTimes).toEqual(['2025-01-14T16:59:59.000Z']);
  });

  it('trap 1: gives a session the day in Shanghai, not the day of its instant in UTC', () => {
    expect(toColumns([eventLog({ at: NOW })]).sessions.days).toEqual(['2025-01-15']);
  });

  it('trap 3: gives a session its message as JSON, a 64-bit id included', () => {
    const [payload] = toColumns([eventLog({ userId: '9223372036854775807' })]).sessions.payloads;
    expect(JSON.parse(payload ?? '')).toMatchObject({ userId: '9223372036854775807' });
  });

  it('takes for sessions only what starts one', () => {
    const columns = toColumns([
      eventLog({ eventName: 'page_view' }),
      eventLog({ eventId: uuid(2), properties: { province: ' 广东', city: '' } }),
    ]);
    expect(columns.eventIds).toHaveLength(2);
    expect(columns.sessions).toMatchObject({
      eventIds: [uuid(2)],
      identities: [`i:${INSTALL}`],
      provinces: ['广东'],
      cities: [''],
    });
  });
});
