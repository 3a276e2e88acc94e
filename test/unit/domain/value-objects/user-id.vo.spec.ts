import { describe, expect, it } from '@jest/globals';
import { UserId } from '../../../../src/domain/value-objects/user-id.vo.js';
import { domainError } from '../../expectations.js';

const INVALID = domainError('user_id_invalid', { field: 'userId' });
const MAX = '9223372036854775807';

describe('UserId', () => {
  it.each(['1', '42', '9007199254740993', '9223372036854775806', MAX])(
    'accepts %s to the last digit',
    (input) => {
      const userId = UserId.fromString(input);
      expect(userId.value).toBe(BigInt(input));
      expect(userId.toString()).toBe(input);
    },
  );

  it('trap 3: rejects an id above 63 bits', () => {
    expect(() => UserId.fromString((BigInt(MAX) + 1n).toString())).toThrow(INVALID);
    expect(() => UserId.fromString('9'.repeat(19))).toThrow(INVALID);
    expect(() => UserId.fromString('9'.repeat(100_000))).toThrow(INVALID);
  });

  it.each(['abc', '1e3', '1.5', '12a', 'NaN', '0x10', '1_000', '١'])(
    'trap 3: rejects %j with a domain error',
    (input) => {
      expect(() => UserId.fromString(input)).toThrow(INVALID);
    },
  );

  it.each(['0', '-1', '-0', `-${MAX}`])('rejects %s, because ids start at 1', (input) => {
    expect(() => UserId.fromString(input)).toThrow(INVALID);
  });

  it.each(['0', 'null', 'undefined', 'None', 'N/A', 'anonymous', '00000000-0000-0000-0000-000000000000'])(
    'rejects %j, and says that no user is named by leaving the field out',
    (input) => {
      const message: unknown = expect.stringContaining(
        `must name a user, it is "${input}": leave userId out`,
      );
      expect(() => UserId.fromString(input)).toThrow(
        domainError('user_id_invalid', { field: 'userId', message }),
      );
    },
  );

  it.each(['01', '007', '0000000000000000001', '+1', ' 1', '1 ', '1\n', ''])(
    'rejects %j, because an id has one spelling',
    (input) => {
      expect(() => UserId.fromString(input)).toThrow(INVALID);
    },
  );

  it.each([1, 2 ** 53, true, null, undefined, {}, ['1']])('rejects %j, which is not a string', (input) => {
    expect(() => UserId.fromString(input)).toThrow(INVALID);
  });

  it('rejects a bigint, which JSON cannot contain', () => {
    expect(() => UserId.fromString(1n)).toThrow(INVALID);
  });

  it('is equal by value', () => {
    expect(UserId.fromString(MAX).equals(UserId.fromString(MAX))).toBe(true);
    expect(UserId.fromString('1').equals(UserId.fromString('2'))).toBe(false);
  });
});
