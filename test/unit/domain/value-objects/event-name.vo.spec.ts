import { describe, expect, it } from '@jest/globals';
import { EventName } from '../../../../src/domain/value-objects/event-name.vo.js';
import { domainError } from '../../expectations.js';

const INVALID = domainError('event_name_invalid', { field: 'eventName' });

describe('EventName', () => {
  it.each([1, 2, 63, 64])('accepts %i characters', (length) => {
    expect(EventName.fromString('a'.repeat(length)).value).toHaveLength(length);
  });

  it.each([65, 66, 100_000])('rejects %i characters', (length) => {
    expect(() => EventName.fromString('a'.repeat(length))).toThrow(INVALID);
  });

  it('trap 4: measures its length after trimming', () => {
    expect(EventName.fromString(`  ${'a'.repeat(64)}  `).value).toBe('a'.repeat(64));
  });

  it.each(['', '   ', '\n'])('rejects the blank %j', (blank) => {
    expect(() => EventName.fromString(blank)).toThrow(INVALID);
  });

  it.each([undefined, null, 1, ['app_session_start'], { toString: () => 'a' }])(
    'rejects %j, which is not a string',
    (input) => {
      expect(() => EventName.fromString(input)).toThrow(INVALID);
    },
  );

  it.each(['1st', '_a', 'a-b', 'a b', 'a.b', 'é', 'a\u0000', 'a\nb', '𠮷'])('rejects %j', (name) => {
    expect(() => EventName.fromString(name)).toThrow(INVALID);
  });

  it('trims and lower-cases', () => {
    expect(EventName.fromString(' App_Session_START ').equals(EventName.APP_SESSION_START)).toBe(true);
  });

  it('judges a name alike the first time, again, and after a flood of other names', () => {
    const judge = (): readonly unknown[] => [
      EventName.fromString('page_view').value,
      EventName.fromString(' Page_View').value,
      EventName.fromString('app_session_start').isDauEvent(),
    ];
    const first = judge();
    expect(judge()).toEqual(first);
    for (let n = 0; n < 5_000; n++) EventName.fromString(`event_${n}`);
    expect(judge()).toEqual(first);
    expect(() => EventName.fromString('page view')).toThrow(INVALID);
  });

  it('counts for DAU at the start of a session only', () => {
    expect(EventName.fromString('app_session_start').isDauEvent()).toBe(true);
    for (const name of [EventName.APP_SESSION_END, EventName.PRESENCE_HEARTBEAT]) {
      expect(name.isDauEvent()).toBe(false);
    }
    expect(EventName.fromString('app_session_started').isDauEvent()).toBe(false);
  });

  it('converts to its text', () => {
    expect(EventName.fromString('page_view').toString()).toBe('page_view');
  });
});
