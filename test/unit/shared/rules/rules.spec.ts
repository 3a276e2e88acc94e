import { describe, expect, it } from '@jest/globals';
import { finalFrom } from '../../../../src/shared/rules/final-hour.rule.js';
import { isInstant } from '../../../../src/shared/rules/instant.rule.js';
import { parseInstallId } from '../../../../src/shared/rules/install-id.rule.js';
import { parseUserId } from '../../../../src/shared/rules/user-id.rule.js';

describe('isInstant', () => {
  it.each([
    '2025-01-15T10:00:00Z',
    '2025-01-15T10:00Z',
    '2025-01-15T10:00:00.123456+08:00',
    '2024-02-29T23:59:59-0330',
  ])('accepts %s', (text) => {
    expect(isInstant(text)).toBe(true);
  });

  it.each([
    '2025-01-15',
    '2025-01-15T10:00:00',
    '2025-02-30T10:00:00Z',
    '2025-01-15T25:00:00Z',
    '',
    'now',
    5,
    null,
  ])('rejects %j, which has no zone or does not exist', (value) => {
    expect(isInstant(value)).toBe(false);
  });
});

describe('parseUserId', () => {
  it.each(['1', '9223372036854775807'])('accepts %s', (text) => {
    expect(parseUserId(text)).toBe(BigInt(text));
  });

  it.each(['0', '01', '-1', '9223372036854775808', '1.0', ' 1', '', 1, null, undefined])(
    'rejects %j',
    (input) => {
      expect(parseUserId(input)).toBeNull();
    },
  );
});

describe('parseInstallId', () => {
  it('trims before it measures', () => {
    expect(parseInstallId(' 12345678 ')).toEqual({ value: '12345678' });
  });

  it('says what is wrong with an id', () => {
    expect(parseInstallId('1234567')).toEqual({
      code: 'install_id_invalid',
      problem:
        'installId must be a text of 8 to 128 characters, it is "1234567": send the id that the app made when it was installed',
    });
  });
});

describe('finalFrom', () => {
  it('is 01:00 of the next day in Asia/Shanghai', () => {
    expect(finalFrom('2025-01-15')).toEqual(new Date('2025-01-15T17:00:00Z'));
  });
});
