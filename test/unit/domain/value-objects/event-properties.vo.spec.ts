import { describe, expect, it } from '@jest/globals';
import { EventProperties } from '../../../../src/domain/value-objects/event-properties.vo.js';
import { placeNames } from '../../../../src/domain/value-objects/place-names.vo.js';
import { ExactNumber } from '../../../../src/shared/utils/exact-number.js';
import { domainError } from '../../expectations.js';

const INVALID = domainError('properties_invalid', { field: 'properties' });

/** Builds `{"a":{"a":…}}` with this number of levels. */
function nested(levels: number): unknown {
  return JSON.parse('{"a":'.repeat(levels) + '1' + '}'.repeat(levels)) as unknown;
}

function arrays(levels: number): unknown {
  return JSON.parse('['.repeat(levels) + ']'.repeat(levels)) as unknown;
}

/** Builds an object of this many bytes as JSON from filler characters of one or more bytes. */
function ofBytes(bytes: number, filler = 'a'): unknown {
  const room = bytes - Buffer.byteLength('{"a":""}');
  return { a: filler.repeat(room / Buffer.byteLength(filler)) };
}

describe('EventProperties', () => {
  describe('absent properties', () => {
    it.each([undefined, null])('are created from %s', (input) => {
      const properties = EventProperties.fromData(input);
      expect(properties).toBe(EventProperties.empty());
      expect(properties.json).toBeNull();
    });

    it('differ from an empty object', () => {
      expect(EventProperties.fromData({}).json).toBe('{}');
    });
  });

  it.each(['text', '', 5, true, [], [{ a: 1 }]])('rejects %j, which is not an object', (input) => {
    expect(() => EventProperties.fromData(input)).toThrow(INVALID);
  });

  it('keeps what the client sent as JSON text', () => {
    const data = { os: 'iOS', list: [1, 'two', null, { three: true }], empty: {}, 'with "quotes"': '换行\n' };
    expect(JSON.parse(EventProperties.fromData(data).json ?? '')).toEqual(data);
  });

  it('reads the well-known properties', () => {
    const properties = EventProperties.fromData({
      os: 'iOS',
      osVersion: '17.4',
      appVersion: '2.4.0',
      networkType: 'wifi',
    });
    expect([properties.os, properties.osVersion, properties.appVersion, properties.networkType]).toEqual([
      'iOS',
      '17.4',
      '2.4.0',
      'wifi',
    ]);
  });

  it('reads them as normalized text and stores them as sent', () => {
    const data = { os: '\ufeffiOS', appVersion: ' 2.4.0\u200b', osVersion: '\u200b', networkType: '５Ｇ' };
    const properties = EventProperties.fromData(data);
    expect([properties.os, properties.appVersion, properties.osVersion]).toEqual(['iOS', '2.4.0', undefined]);
    expect(properties.json).toBe(JSON.stringify(data));
  });

  it('trap 13: treats a well-known property that is not text as absent and stores it as sent', () => {
    const properties = EventProperties.fromData({ os: 5, appVersion: null, osVersion: '' });
    expect([properties.os, properties.appVersion, properties.osVersion]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect(properties.json).toBe('{"os":5,"appVersion":null,"osVersion":""}');
  });

  it('does not change its input', () => {
    const data = Object.freeze({ province: ' 广东 ' });
    expect(EventProperties.fromData(data).province).toBe('广东省');
    expect(data).toEqual({ province: ' 广东 ' });
  });

  it('keeps a key named __proto__ as data', () => {
    const input = JSON.parse('{"__proto__":{"os":"evil"},"province":" 广东"}') as unknown;
    const properties = EventProperties.fromData(input);
    expect(properties.os).toBeUndefined();
    expect(properties.json).toBe('{"__proto__":{"os":"evil"},"province":"广东省"}');
  });

  describe('depth', () => {
    it('accepts 16 levels', () => {
      expect(EventProperties.fromData(nested(16)).json).toHaveLength(JSON.stringify(nested(16)).length);
    });

    it('rejects 17 levels', () => {
      expect(() => EventProperties.fromData(nested(17))).toThrow(INVALID);
    });

    it('counts arrays as levels', () => {
      expect(EventProperties.fromData({ a: arrays(15) }).json).not.toBeNull();
      expect(() => EventProperties.fromData({ a: arrays(16) })).toThrow(INVALID);
    });

    it.each([1_000, 100_000])('rejects %i levels without a stack overflow', (levels) => {
      let input: Record<string, unknown> = {};
      for (let level = 1; level < levels; level++) input = { a: input };
      expect(() => EventProperties.fromData(input)).toThrow(INVALID);
    });
  });

  describe('keys', () => {
    const withKeys = (count: number): Record<string, number> =>
      Object.fromEntries(Array.from({ length: count }, (_, n) => [`k${n}`, n]));

    it('accepts 512 keys and rejects 513', () => {
      expect(EventProperties.fromData(withKeys(512)).json).not.toBeNull();
      expect(() => EventProperties.fromData(withKeys(513))).toThrow(INVALID);
    });

    it('counts the keys of all objects together', () => {
      expect(EventProperties.fromData({ a: withKeys(255), b: [withKeys(255)] }).json).not.toBeNull();
      expect(() => EventProperties.fromData({ a: withKeys(255), b: [withKeys(256)] })).toThrow(INVALID);
    });
  });

  describe('size', () => {
    it('accepts 32 KiB and rejects one byte more', () => {
      expect(EventProperties.fromData(ofBytes(32_768)).json).toHaveLength(32_768);
      expect(() => EventProperties.fromData(ofBytes(32_769))).toThrow(INVALID);
    });

    it('counts bytes of UTF-8 and not characters', () => {
      // JSON adds 8 bytes to 10,920 characters of 3 bytes each.
      expect(Buffer.byteLength(EventProperties.fromData(ofBytes(32_768, '汉')).json ?? '')).toBe(32_768);
      expect(() => EventProperties.fromData(ofBytes(32_771, '汉'))).toThrow(INVALID);
    });
  });

  describe('text that PostgreSQL cannot store', () => {
    it.each([
      ['NUL in a value', { a: 'x\u0000y' }],
      ['NUL in a key', { 'x\u0000y': 1 }],
      ['NUL deep inside', { a: [{ b: ['\u0000'] }] }],
      ['a lone high surrogate', { a: '\ud83d' }],
      ['a lone low surrogate', { a: '\ude00' }],
      ['surrogates the wrong way round', { a: '\ude00\ud83d' }],
      ['a lone surrogate in a key', { '\ud83d': 1 }],
      ['NUL in a province', { province: '广\u0000东' }],
      ['NUL after its own literal text', { a: '\\u0000', b: '\u0000' }],
    ])('rejects %s', (_, input) => {
      expect(() => EventProperties.fromData(input)).toThrow(INVALID);
    });

    it('accepts the literal text backslash-u0000', () => {
      const data = { a: '\\u0000', b: 'C:\\users\\udead', c: '\\\\u0000' };
      expect(JSON.parse(EventProperties.fromData(data).json ?? '')).toEqual(data);
    });

    it('accepts whole surrogate pairs and other control characters', () => {
      const data = { a: '😀', b: '\u0001\t\n', '😀': 1 };
      expect(JSON.parse(EventProperties.fromData(data).json ?? '')).toEqual(data);
    });
  });

  describe('numbers', () => {
    it.each(['{"a":1e400}', '{"a":-1e400}', '{"a":[{"b":1e999}]}'])(
      'rejects %s, which JSON cannot represent',
      (json) => {
        expect(() => EventProperties.fromData(JSON.parse(json))).toThrow(INVALID);
      },
    );

    it('keeps the digits that a double would lose, and the limits of size and depth', () => {
      const exact = (text: string) => ({ a: [{ b: new ExactNumber(text) }], province: ' 广东 ' });
      expect(EventProperties.fromData(exact('1524831183200260097')).json).toBe(
        '{"a":[{"b":1524831183200260097}],"province":"广东省"}',
      );
      const many = { a: Array.from({ length: 2_000 }, () => new ExactNumber('1524831183200260097')) };
      expect(() => EventProperties.fromData(many)).toThrow(INVALID);
    });

    it.each(['1e400', '-1e400', '1e-400', '1e999999999', '7'.repeat(1001)])(
      'rejects %s, which not every reader can hold, and names it',
      (text) => {
        const message: unknown = expect.stringContaining(`send ${text.slice(0, 40)}`);
        expect(() => EventProperties.fromData({ a: [new ExactNumber(text)] })).toThrow(
          domainError('properties_invalid', { field: 'properties', message }),
        );
      },
    );

    it('accepts the largest double', () => {
      expect(EventProperties.fromData({ a: Number.MAX_VALUE }).json).toBe('{"a":1.7976931348623157e+308}');
    });
  });

  describe('places', () => {
    it('store one name for every spelling of a province, and a generic city under its province', () => {
      const properties = EventProperties.fromData({ city: '市辖区', os: 'iOS', province: 'Beijing' });
      expect([properties.province, properties.city]).toEqual(['北京市', '北京市市辖区']);
      expect(properties.json).toBe('{"city":"北京市市辖区","os":"iOS","province":"北京市"}');
    });

    it('store the names of the client where the service is told to', () => {
      const data = { province: 'Guangdong', city: '市辖区' };
      expect(EventProperties.fromData(data, placeNames('as-sent')).json).toBe(JSON.stringify(data));
    });

    it.each(['null', 'unknown', '未知', '\u200b'])('treat %j as no place', (word) => {
      const properties = EventProperties.fromData({ province: word, city: word });
      expect([properties.province, properties.city]).toEqual([undefined, undefined]);
    });
  });

  describe.each(['province', 'city'] as const)('%s', (key) => {
    const TOO_LONG = domainError('properties_invalid', { field: `properties.${key}` });

    it.each(['深圳市', ' 深圳市', '深圳市\t', '\u3000深圳\u200b市\u3000'])('stores %j as 深圳市', (place) => {
      const properties = EventProperties.fromData({ [key]: place });
      expect(properties[key]).toBe('深圳市');
      expect(properties.json).toBe(JSON.stringify({ [key]: '深圳市' }));
    });

    it('rejects a name with a NUL character', () => {
      expect(() => EventProperties.fromData({ [key]: '广\u0000东' })).toThrow(INVALID);
    });

    it.each(['', '  ', '\n'])('treats the blank %j as no place', (blank) => {
      expect(EventProperties.fromData({ [key]: blank })[key]).toBeUndefined();
    });

    it.each([44, true, null, ['广东'], { name: '广东' }])(
      'treats %j as no place without an error',
      (value) => {
        const properties = EventProperties.fromData({ [key]: value });
        expect(properties[key]).toBeUndefined();
        expect(properties.json).toBe(JSON.stringify({ [key]: value }));
      },
    );

    it('trap 4: accepts 128 characters and rejects 129', () => {
      expect(EventProperties.fromData({ [key]: '广'.repeat(128) })[key]).toHaveLength(128);
      expect(() => EventProperties.fromData({ [key]: '广'.repeat(129) })).toThrow(TOO_LONG);
    });

    it('trap 4: measures its length after trimming', () => {
      expect(EventProperties.fromData({ [key]: ` ${'广'.repeat(128)} ` })[key]).toHaveLength(128);
    });

    it('counts an astral character as one', () => {
      expect(EventProperties.fromData({ [key]: '𠮷'.repeat(128) })[key]).toBe('𠮷'.repeat(128));
      expect(() => EventProperties.fromData({ [key]: '𠮷'.repeat(129) })).toThrow(TOO_LONG);
    });
  });
});
