import { describe, expect, it } from '@jest/globals';

import { formatTraceparent, parseTraceparent } from '../../../../src/shared/rules/traceparent.rule.js';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = '00f067aa0ba902b7';

describe('traceparent', () => {
  it('is read and written without a change', () => {
    for (const flags of ['00', '01'])
      expect(formatTraceparent(parseTraceparent(`00-${TRACE}-${SPAN}-${flags}`)!)).toBe(
        `00-${TRACE}-${SPAN}-${flags}`,
      );
  });

  it('of a later version may have more fields', () => {
    expect(parseTraceparent(`cc-${TRACE}-${SPAN}-03-what-comes`)).toEqual({
      traceId: TRACE,
      spanId: SPAN,
      isSampled: true,
    });
  });

  it.each([
    ['no header', undefined],
    ['a list', [`00-${TRACE}-${SPAN}-01`]],
    ['nothing', ''],
    ['capitals', `00-${TRACE.toUpperCase()}-${SPAN}-01`],
    ['version ff', `ff-${TRACE}-${SPAN}-01`],
    ['more fields in version 00', `00-${TRACE}-${SPAN}-01-more`],
    ['a trace of zeros', `00-${'0'.repeat(32)}-${SPAN}-01`],
    ['a span of zeros', `00-${TRACE}-${'0'.repeat(16)}-01`],
    ['a short trace', `00-${TRACE.slice(1)}-${SPAN}-01`],
    ['a second line', `00-${TRACE}-${SPAN}-01\nx`],
    ['a long text', `01-${TRACE}-${SPAN}-01-${'x'.repeat(100)}`],
  ])('is ignored when malformed (%s)', (_case, text) => {
    expect(parseTraceparent(text)).toBeNull();
  });
});
