import { describe, expect, it } from '@jest/globals';
import { EventId } from '../../../../src/domain/value-objects/event-id.vo.js';
import { domainError } from '../../expectations.js';

const INVALID = domainError('event_id_invalid', { field: 'eventId' });
const CONSTANT = domainError('event_id_constant', { field: 'eventId' });

describe('EventId', () => {
  it.each([
    ['random', '3b241101-e2bb-4255-8caf-4136c566a962'],
    ['by time', '0193560a-7b1e-7c9e-b5d4-52ab6a4d3c11'],
    ['by name', '886313e1-3b8a-5372-9b90-0c9aee199e5d'],
  ])('accepts a UUID made %s', (_, input) => {
    expect(EventId.fromString(input).value).toBe(input);
  });

  it('is the same id in upper and in lower case', () => {
    expect(EventId.fromString('3B241101-E2BB-4255-8CAF-4136C566A962').value).toBe(
      '3b241101-e2bb-4255-8caf-4136c566a962',
    );
  });

  it.each([
    '',
    'abc',
    '3b241101e2bb42558caf4136c566a962',
    '{3b241101-e2bb-4255-8caf-4136c566a962}',
    ' 3b241101-e2bb-4255-8caf-4136c566a962',
    '3b241101-e2bb-4255-8caf-4136c566a96g',
  ])('rejects %j', (input) => {
    expect(() => EventId.fromString(input)).toThrow(INVALID);
  });

  it.each([
    '00000000-0000-0000-0000-000000000000',
    'ffffffff-ffff-ffff-ffff-ffffffffffff',
    'FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF',
    '00000000-0000-4000-8000-000000000000',
    'ffffffff-ffff-4fff-bfff-ffffffffffff',
    '11111111-1111-1111-8111-111111111111',
    '550e8400-e29b-41d4-a716-446655440000',
    '123E4567-E89B-12D3-A456-426614174000',
  ])('rejects %s, a constant that many events would share', (input) => {
    expect(() => EventId.fromString(input)).toThrow(CONSTANT);
  });

  it.each([undefined, null, 7, {}])('rejects %j, which is not a string', (input) => {
    expect(() => EventId.fromString(input)).toThrow(INVALID);
  });

  it('converts to its text', () => {
    expect(EventId.fromString('3b241101-e2bb-4255-8caf-4136c566a962').toString()).toBe(
      '3b241101-e2bb-4255-8caf-4136c566a962',
    );
  });
});
