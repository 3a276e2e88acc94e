import { describe, expect, it } from '@jest/globals';

import { requestIdOf } from '../../../../src/api/http/request-id.js';

const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/;

describe('the id of a request', () => {
  it.each(['a', '01ARZ3NDEKTSV4RRFFQ69G5FAV', 'Root=1-67891233-abcdef012345678912345678', 'x'.repeat(128)])(
    'is the well-formed one of the caller (%s)',
    (given) => {
      expect(requestIdOf({ headers: { 'x-request-id': given } })).toBe(given);
    },
  );

  it.each([
    undefined,
    '',
    'x'.repeat(129),
    'a b',
    'a\nb',
    'a"b',
    'a%0ab',
    'li@example.com',
    'ä',
    '$(jndi:x)',
  ])('is a new one when the caller sends %j', (given) => {
    const made = requestIdOf({ headers: given === undefined ? {} : { 'x-request-id': given } });
    expect(made).toMatch(UUID);
    expect(requestIdOf({ headers: {} })).not.toBe(made);
  });
});
