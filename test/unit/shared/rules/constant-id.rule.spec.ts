import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { v1, v3, v5, v7 } from 'uuid';
import {
  HASHED_CONSTANTS,
  isConstantId,
  isConstantUuid,
} from '../../../../src/shared/rules/constant-id.rule.js';

/** Spellings of the same id. */
const spellings = (id: string): string[] => [
  id,
  id.toUpperCase(),
  `{${id}}`,
  `"${id}"`,
  id.replaceAll(/[-:]/g, ''),
  id.replaceAll(/[-:]/g, '_'),
];

const hexOf = (algorithm: string, text: string): string => createHash(algorithm).update(text).digest('hex');

/** The UUID of version 3 that Java's `UUID.nameUUIDFromBytes` makes. */
function nameUuid(text: string): string {
  const bytes = createHash('md5').update(text).digest();
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x30;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

describe('isConstantId', () => {
  it.each([
    '00000000-0000-0000-0000-000000000000',
    'ffffffff-ffff-ffff-ffff-ffffffffffff',
    '00000000-0000-4000-8000-000000000000',
    '11111111-1111-1111-1111-111111111111',
    'aaaaaaaa-aaaa-4aaa-aaaa-aaaaaaaaaaaa',
    '123e4567-e89b-12d3-a456-426614174000',
    'xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx',
    '9774d56d682e549c',
    '02:00:00:00:00:00',
    '00:00:00:00:00:00',
    'ff:ff:ff:ff:ff:ff',
    '0123456789abcdef',
  ])('is true for %s in every spelling', (id) => {
    expect(spellings(id).filter((spelling) => !isConstantId(spelling))).toEqual([]);
  });

  it.each([
    ...['\u200bundefined', 'null\u200b\u200b\u200b\u200b\u200b', '\u202eundefined', 'ｕｎｄｅｆｉｎｅｄ'],
    ...['2:0:0:0:0:0', '0:0:0:0:0:0', '000000000000000', '012345678912345', '111111111111111'],
    ...['********', '--------', '........', '????????', '\u200b\u200b\u200b\u200b\u200b\u200b\u200b\u200b'],
    ...[
      'undefined',
      'UNDEFINED',
      'null',
      '(null)',
      '<null>',
      'None',
      'NaN',
      '-Infinity',
      'nil',
      '%!s(<nil>)',
      'N/A',
    ],
    ...['unknown', 'Unknown Device', 'not available', 'Optional(nil)', 'null-null', 'undefinedundefined'],
    ...[
      'device-undefined',
      'android_null',
      'install:undefined',
      'anonymous',
      'installId',
      'DEVICE_ID',
      'false',
    ],
    ...[
      '[object Object]',
      '[object Promise]',
      '[object Undefined]',
      "Instance of 'Future<String>'",
      'Promise { <pending> }',
    ],
    ...[
      'System.Threading.Tasks.Task`1[System.String]',
      // eslint-disable-next-line no-template-curly-in-string -- an app that forgot its backticks sends this
      '${installId}',
      '{{ installId }}',
      '%INSTALL_ID%',
      '<%= id %>',
    ],
    ...['android-9774d56d682e549c', 'imei:012345678912345'],
  ])('is true for %j', (id) => {
    expect(isConstantId(id)).toBe(true);
  });

  it.each(HASHED_CONSTANTS)('is true for the hashes of %j, in hex and as a UUID', (text) => {
    const hashes = [...['md5', 'sha1', 'sha256'].map((algorithm) => hexOf(algorithm, text)), nameUuid(text)];
    expect(hashes.filter((hash) => !isConstantId(hash) || !isConstantId(hash.toUpperCase()))).toEqual([]);
  });

  it.each([
    ...[
      'phone-of-li-wei',
      'tablet-anonymous',
      'identity-service',
      '12345678',
      '42424242',
      '00000042',
      '88888888',
    ],
    ...[
      'install-00000000',
      'device-null-17',
      'u:42424242',
      'null-4f3a',
      'nullable-phone',
      'unknown-pleasures-fan',
    ],
    ...[
      '省-install',
      '省null省null',
      '📱📱📱📱📱📱📱📱',
      'https://example.com/42',
      '02:00:00:00:00:01',
      '9774d56d682e549d',
      '0x00000001',
    ],
    ...['00000000-0000-4000-8000-000000000001', 'aaaaaaaa', 'object-oriented', 'instance of art'],
  ])('is false for %j, which one device may have', (id) => {
    expect(isConstantId(id)).toBe(false);
  });

  it('is false for whatever a generator makes', () => {
    const ids = Array.from({ length: 2_000 }, (_, n) => [
      randomUUID(),
      `{${randomUUID().toUpperCase()}}`,
      v1(),
      v3(String(n), v3.DNS),
      v5(String(n), v5.DNS),
      v7(),
      randomBytes(8).toString('hex'),
      randomBytes(16).toString('hex'),
      randomBytes(32).toString('base64url'),
    ]).flat();
    expect(ids.filter(isConstantId)).toEqual([]);
    expect(ids.filter(isConstantUuid)).toEqual([]);
  });

  it.each(['null', 'undefined', 'id', 'device', '0', 'system.', '['])(
    'decides about a long text of %j without backtracking for ever',
    (part) => {
      const text = part.repeat(Math.ceil(128 / part.length)).slice(0, 127);
      expect(typeof isConstantId(`${text}!`)).toBe('boolean');
      expect(typeof isConstantId(`${text}9`)).toBe('boolean');
    },
  );
});
