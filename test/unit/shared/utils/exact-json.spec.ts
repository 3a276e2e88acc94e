import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { holdsInexactNumber, parseExactly, writeJson } from '../../../../src/shared/utils/exact-json.js';
import { ExactNumber, isExactAsDouble } from '../../../../src/shared/utils/exact-number.js';

const digits = (maxLength: number) =>
  fc.string({ unit: fc.integer({ min: 0, max: 9 }).map(String), minLength: 1, maxLength });

/** Numbers of JSON of every form. */
const numbers = fc
  .tuple(
    fc.constantFrom('', '-'),
    fc.oneof(
      fc.constant('0'),
      digits(25).map((text) => text.replace(/^0+(?=\d)/, '')),
    ),
    fc.option(digits(25), { nil: undefined }),
    fc.option(fc.tuple(fc.constantFrom('e', 'E', 'e+', 'e-'), digits(3)), { nil: undefined }),
  )
  .map(
    ([sign, whole, fraction, exponent]) =>
      `${sign}${whole}${fraction === undefined ? '' : `.${fraction}`}${exponent?.join('') ?? ''}`,
  );

/** Values of JSON that a double does not change. */
const plainValues = fc.jsonValue({ maxDepth: 5 });

describe('isExactAsDouble', () => {
  it.each([
    '0',
    '-0',
    '0e5',
    '1',
    '1.0',
    '100',
    '1e2',
    '0.1',
    '-12.50',
    '1732685100.1234567',
    '9007199254740992',
    '1e22',
    '5e-324',
  ])('is true for %s', (text) => {
    expect(isExactAsDouble(text)).toBe(true);
  });

  it.each([
    '1524831183200260097',
    '9007199254740993',
    '0.1234567890123456789012',
    '0.10000000000000000001',
    '1e400',
    '1e-400',
    '1e99999999999',
  ])('is false for %s', (text) => {
    expect(isExactAsDouble(text)).toBe(false);
  });

  it('is true for every text that a double has by itself', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (double) => {
        expect(isExactAsDouble(JSON.stringify(double))).toBe(true);
      }),
    );
  });
});

const holdsInexact = (json: string): boolean => holdsInexactNumber(Buffer.from(json));

describe('holdsInexactNumber', () => {
  it('finds every number that a double would change, wherever it stands', () => {
    fc.assert(
      fc.property(
        numbers,
        fc.constantFrom('@', '[@]', '[1, @ ]', '{"a":@}', '{"a":\n@}', '[[0.5,@]]', '["\\\\","\\"",@]'),
        (number, place) => {
          fc.pre(!isExactAsDouble(number));
          expect(holdsInexact(place.replace('@', number))).toBe(true);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it('passes over numbers that a double keeps, and over ids in texts', () => {
    const json =
      '{"at":1732685100.123456,"e":1.5e3,"id":"0193560a-7b1e-7c9e-b5d4-52ab6a4d3c11","no":"1524831183200260097"}';
    expect(holdsInexact(json)).toBe(false);
  });

  it('says of every JSON whether its numbers keep their digits', () => {
    const texts = fc.string({
      unit: fc.constantFrom('"', '\\', '1524831183200260097', ',', ':', '省', '😀', 'e'),
    });
    fc.assert(
      fc.property(fc.array(fc.tuple(texts, numbers)), (pairs) => {
        const json = `{${pairs.map(([text, number]) => `${JSON.stringify(text)}:${number}`).join()}}`;
        expect(holdsInexact(json)).toBe(pairs.some(([, number]) => !isExactAsDouble(number)));
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('parseExactly', () => {
  it('reads what JSON.parse reads', () => {
    fc.assert(
      fc.property(plainValues, fc.constantFrom(undefined, 1, '\t'), (value, space) => {
        const json = JSON.stringify(value, null, space);
        expect(parseExactly(json)).toStrictEqual(JSON.parse(json));
      }),
      { numRuns: 1_000 },
    );
  });

  it('keeps the digits of numbers, and writes them again', () => {
    fc.assert(
      fc.property(fc.array(numbers), (texts) => {
        const json = `{"list":[${texts.join()}]}`;
        const { list } = parseExactly(json) as { list: unknown[] };
        const kept = list.map((value) => (value instanceof ExactNumber ? value.text : Number(value)));
        expect(kept).toEqual(texts.map((text) => (isExactAsDouble(text) ? Number(text) : text)));
      }),
    );
  });

  it('takes the last of two equal keys, and a key __proto__ as a field', () => {
    const json = '{"a":1,"__proto__":{"b":9007199254740993},"a":2}';
    expect(parseExactly('{"a":1,"a":2}')).toEqual({ a: 2 });
    expect(Object.keys(parseExactly(json) as object)).toEqual(['a', '__proto__']);
  });

  it('reads and writes any depth', () => {
    const json = `${'[{"a":'.repeat(100_000)}9007199254740993${'}]'.repeat(100_000)}`;
    expect(writeJson(parseExactly(json))).toBe(json);
  });
});

describe('writeJson', () => {
  it('writes what JSON.stringify writes', () => {
    fc.assert(
      fc.property(plainValues, (value) => {
        expect(writeJson(value)).toBe(JSON.stringify(value));
      }),
      { numRuns: 1_000 },
    );
  });

  it('is the only way to write an exact number', () => {
    const value = { a: new ExactNumber('9007199254740993') };
    expect(writeJson(value)).toBe('{"a":9007199254740993}');
    expect(() => JSON.stringify(value)).toThrow(TypeError);
  });
});
