import { describe, expect, it } from '@jest/globals';

import { rowsByPlace, writeCsv, type CsvCell } from '../../../../../src/api/http/figures/csv.js';

const TABLE = {
  columns: ['place', 'count'],
  rows: (body: readonly (readonly CsvCell[])[]) => body,
  example: ['广东省', 1],
};

async function fieldOf(place: string): Promise<string> {
  const text = await writeCsv(TABLE, [[place, 7]], false);
  return text.slice('place,count\r\n'.length, -',7\r\n'.length);
}

/** Undoes the protection, as docs/api.md describes. */
function plain(text: string): string {
  return text.replace(/(^|[,;|\t\r\n"])(\s*'*)'([=+\-@\t\r＝＋－＠])/g, '$1$2$3');
}

describe('writeCsv', () => {
  it('ends every line with CRLF, the last one too', async () => {
    expect(
      await writeCsv(
        TABLE,
        [
          ['深圳市', 1],
          ['杭州市', 2],
        ],
        false,
      ),
    ).toBe('place,count\r\n深圳市,1\r\n杭州市,2\r\n');
  });

  it('stops soon after nobody waits for it any more', async () => {
    let rows = 0;
    const endless = {
      ...TABLE,
      *rows(): Generator<readonly CsvCell[]> {
        while (++rows < 1_000_000) yield ['深圳市', 1];
      },
    };
    await writeCsv(endless, [], false, () => rows > 5_000);
    expect(rows).toBeLessThan(10_000);
  });

  it('writes the header alone for an answer without rows', async () => {
    expect(await writeCsv(TABLE, [], false)).toBe('place,count\r\n');
  });

  it('begins with a byte order mark when asked', async () => {
    expect(await writeCsv(TABLE, [], true)).toBe('\uFEFFplace,count\r\n');
  });

  it('writes null as an empty field, and numbers and booleans as they are', async () => {
    const rows = [
      [null, -1.5],
      [true, 0],
    ];
    expect(await writeCsv(TABLE, rows, false)).toBe('place,count\r\n,-1.5\r\ntrue,0\r\n');
  });

  it.each([
    ['a,b', '"a,b"'],
    ['a "b"', '"a ""b"""'],
    ['a\nb', '"a\nb"'],
    [' a', '" a"'],
    ['广东省', '广东省'],
  ])('quotes %j as RFC 4180 does', async (place, field) => {
    expect(await fieldOf(place)).toBe(field);
  });

  it.each([
    ['=1+1', "'=1+1"],
    ['+86', "'+86"],
    ['-x', "'-x"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['＝1', "'＝1"],
    ["'=1", "''=1"],
    [' =1', '" \'=1"'],
    ['a;=1+1;b', "a;'=1+1;b"],
    ['a,=1', '"a,\'=1"'],
    ['=HYPERLINK("http://x","y")', '"\'=HYPERLINK(""http://x"",""y"")"'],
    ["'s-Hertogenbosch", "'s-Hertogenbosch"],
    ['Baden-Württemberg', 'Baden-Württemberg'],
    ['a=b', 'a=b'],
  ])('writes %j so that no spreadsheet takes it for a formula', async (place, field) => {
    expect(await fieldOf(place)).toBe(field);
    const unquoted = field.startsWith('"') ? field.slice(1, -1).replaceAll('""', '"') : field;
    expect(plain(unquoted)).toBe(place);
  });
});

describe('rowsByPlace', () => {
  it('yields the total before the provinces and the cities', () => {
    expect([...rowsByPlace(3, { 广东省: 2 }, { 深圳市: 1 })]).toEqual([
      ['total', '', 3],
      ['province', '广东省', 2],
      ['city', '深圳市', 1],
    ]);
  });
});
