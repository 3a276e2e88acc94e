import { describe, expect, it } from '@jest/globals';
import { validate } from 'uuid';
import { InstallId } from '../../../../src/domain/value-objects/install-id.vo.js';
import { domainError } from '../../expectations.js';

const INVALID = domainError('install_id_invalid', { field: 'installId' });
const CONSTANT = domainError('install_id_constant', { field: 'installId' });
/** One character of two UTF-16 units and four bytes. */
const ASTRAL = '𠮷';

describe('InstallId', () => {
  it.each([8, 9, 127, 128])('accepts %i characters', (length) => {
    expect(InstallId.fromString('a'.repeat(length)).value).toHaveLength(length);
  });

  it.each([1, 7, 129, 1_000_000])('rejects %i characters', (length) => {
    expect(() => InstallId.fromString('a'.repeat(length))).toThrow(INVALID);
  });

  it.each(['', ' ', ' '.repeat(20), '\t\n', '\u3000'.repeat(8)])('rejects the blank %j', (blank) => {
    expect(() => InstallId.fromString(blank)).toThrow(INVALID);
  });

  it.each([undefined, null, 12345678, true, {}, ['abcdefgh']])(
    'rejects %j, which is not a string',
    (input) => {
      expect(() => InstallId.fromString(input)).toThrow(INVALID);
    },
  );

  it('trims surrounding blanks', () => {
    expect(InstallId.fromString('  abcd efgh\n').value).toBe('abcd efgh');
  });

  it('trap 4: rejects a short id that blanks make long enough', () => {
    expect(() => InstallId.fromString(' abcdefg ')).toThrow(INVALID);
  });

  it('trap 4: accepts a valid id that blanks make too long', () => {
    expect(InstallId.fromString(` ${'a'.repeat(128)} `).value).toBe('a'.repeat(128));
  });

  it('trap 4: accepts 128 astral characters, which fit the column', () => {
    expect(InstallId.fromString(ASTRAL.repeat(128)).value).toBe(ASTRAL.repeat(128));
    expect(() => InstallId.fromString(ASTRAL.repeat(129))).toThrow(INVALID);
  });

  it('trap 4: counts 4 astral characters as 4 and not as 8 units of UTF-16', () => {
    expect(() => InstallId.fromString(ASTRAL.repeat(4))).toThrow(INVALID);
    expect(InstallId.fromString(ASTRAL.repeat(8)).value).toBe(ASTRAL.repeat(8));
  });

  it.each(['\u0000', '\u0007', '\n', '\u001b', '\u007f', '\u0085', '\u009f'])(
    'rejects the control character %j within the id',
    (control) => {
      expect(() => InstallId.fromString(`abcd${control}efgh`)).toThrow(INVALID);
    },
  );

  it.each(['\ud800', '\udc00'])('rejects the lone surrogate %j, which UTF-8 cannot encode', (surrogate) => {
    expect(() => InstallId.fromString(`abcd${surrogate}efgh`)).toThrow(INVALID);
  });

  it.each(['00000000-0000-0000-0000-000000000000', ' undefined ', 'null'])(
    'rejects %j, a constant that many devices would share',
    (input) => {
      expect(() => InstallId.fromString(input)).toThrow(CONSTANT);
    },
  );

  it('keeps the case', () => {
    const [upper, lower] = [InstallId.fromString('ABCDEFGH'), InstallId.fromString('abcdefgh')];
    expect(upper.equals(lower)).toBe(false);
  });

  it('is equal by value', () => {
    expect(InstallId.fromString('abcdefgh').equals(InstallId.fromString(' abcdefgh'))).toBe(true);
  });

  it('generates a different UUID each time, which is a valid install id', () => {
    const [one, other] = [InstallId.generate(), InstallId.generate()];
    expect(validate(one.value)).toBe(true);
    expect(one.equals(other)).toBe(false);
    expect(InstallId.fromString(one.value).equals(one)).toBe(true);
    expect(one.toString()).toBe(one.value);
  });
});
