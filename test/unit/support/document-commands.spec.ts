import { describe, expect, it } from '@jest/globals';

import { jsonValuesOf, shapeOf, stepsOf, withoutTimes } from '../../e2e/support/document-commands.js';

const PRINTED = `{"count":1,"at":"2026-11-22T23:38:11.384Z"}
{"serverTs":1795390691,
 "data":[{"day":"2026-11-23","text":"a } in a text"}]}`;

describe('the commands of documents', () => {
  it.each(['README.md', 'README.zh-CN.md'])(
    'are five blocks in the tour of %s, each with its output',
    (document) => {
      const steps = stepsOf(document, /^## (?:Two-minute tour|两分钟导览)/);
      expect(steps.map(({ printed }) => jsonValuesOf(printed ?? '').length)).toEqual([1, 2, 2, 2, 1]);
    },
  );

  it('print the same at another time, and differ in a count, a field or the order of fields', () => {
    const values = jsonValuesOf(PRINTED);
    expect(values).toHaveLength(2);
    const compare = (text: string): boolean => withoutTimes(jsonValuesOf(text)) === withoutTimes(values);
    expect(
      compare(PRINTED.replace('11-22', '12-01').replace('1795390691', '1').replace('11-23', '12-02')),
    ).toBe(true);
    for (const [from, to] of [
      ['"count":1', '"count":2'],
      ['"count":1,', ''],
      ['"count":1,"at":"2026-11-22T23:38:11.384Z"', '"at":"2026-11-22T23:38:11.384Z","count":1'],
    ] as const)
      expect(compare(PRINTED.replace(from, to))).toBe(false);
  });

  it('have one shape for any numbers and any length of a list', () => {
    const shape = (text: string): string => shapeOf(jsonValuesOf(text));
    expect(shape('{"data":[{"n":1},{"n":2}],"total":2}')).toBe(shape('{"data":[{"n":7}],"total":1}'));
    expect(shape('{"data":[{"n":1}],"total":1}')).not.toBe(shape('{"data":[{"m":1}],"total":1}'));
  });
});
