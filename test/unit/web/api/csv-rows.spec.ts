import { describe, expect, it } from '@jest/globals';
import { writeCsv } from '../../../../src/api/http/figures/csv.js';
import { csvRecords, editCsv, editCsvFile, toCsvFile } from '../../../../web/src/api/csv-rows.js';

const PLACES = ['广州市', 'A, "the" first', 'two\r\nlines', '', ' x ', '=SUM(A1)', '深圳市'];

/** The text that the service writes of the places. */
function csvOfPlaces(bom = false): Promise<string> {
  const table = {
    columns: ['level', 'place', 'count'],
    rows: (places: readonly string[]) => places.map((place, count) => ['city', place, count] as const),
    example: [],
  };
  return writeCsv(table, PLACES, bom);
}

describe('the records of a CSV', () => {
  it('are those that the service wrote, whatever their texts contain', async () => {
    const [, ...records] = csvRecords(await csvOfPlaces());
    // A text that a spreadsheet would calculate has an apostrophe before it.
    const written = PLACES.map((place) => (place.startsWith('=') ? `'${place}` : place));
    expect(records.map(({ fields }) => fields)).toEqual(
      written.map((place, count) => ['city', place, String(count)]),
    );
  });

  it('give the text again, with every line end', async () => {
    for (const text of [await csvOfPlaces(), 'a,b\n1,\n,2', 'a\r"x\ry"\r', ''])
      expect([...csvRecords(text)].map(({ raw }) => raw).join('')).toBe(text);
  });

  it('may end with an empty field', () => {
    expect([...csvRecords('a,b\r\n1,')].map(({ fields }) => fields)).toEqual([
      ['a', 'b'],
      ['1', ''],
    ]);
  });

  it.each(['a\n"open', 'a\n"x"y\n', 'a\nx"y"\n'])('are refused where a field has no end: %j', (text) => {
    expect(() => [...csvRecords(text)]).toThrow('does not end');
  });
});

describe('an edited CSV', () => {
  it('has the header and the kept records, each as the service wrote it', async () => {
    const kept = editCsv(await csvOfPlaces(), ({ place = '' }) => /[\r"]/.test(place));
    expect(kept).toBe('level,place,count\r\ncity,"A, ""the"" first",1\r\ncity,"two\r\nlines",2\r\n');
  });

  it('has the header where no record is kept', async () => {
    expect(editCsv(await csvOfPlaces(), () => false)).toBe('level,place,count\r\n');
  });

  it('has added records behind the kept ones, in the columns of the header', async () => {
    const edited = editCsv(
      await csvOfPlaces(),
      ({ count }) => count === '0',
      (rows) => [{ place: 'A, "b"', level: 'city', count: String(rows.length) }, { place: '重庆市' }],
    );
    expect(edited).toBe('level,place,count\r\ncity,广州市,0\r\ncity,"A, ""b""",7\r\n,重庆市,\r\n');
    expect([...csvRecords(edited)].at(-2)?.fields).toEqual(['city', 'A, "b"', '7']);
  });

  it('keeps the byte order mark and the type of the file', async () => {
    const file = new Blob([await csvOfPlaces(true)], { type: 'text/csv' });
    const kept = await editCsvFile(file, ({ level, count }) => level === 'city' && count === '0');
    expect(kept.type).toBe('text/csv');
    expect(Buffer.from(await kept.arrayBuffer()).toString('utf8')).toBe(
      '\uFEFFlevel,place,count\r\ncity,广州市,0\r\n',
    );
  });
});

describe('a CSV that the page makes', () => {
  it('is written as those of the service', async () => {
    const file = toCsvFile(['level', 'place', 'count'], [['city', 'A, "b"', '1']]);
    const written = await writeCsv(
      { columns: ['level', 'place', 'count'], rows: () => [['city', 'A, "b"', 1]], example: [] },
      [],
      true,
    );
    expect(Buffer.from(await file.arrayBuffer()).toString('utf8')).toBe(written);
  });
});
