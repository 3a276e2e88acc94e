import { describe, expect, it } from '@jest/globals';
import { boolean, checkedText, integer, oneOf, text } from '../../../src/config/variables/value-types.js';

describe('integer', () => {
  const port = integer(0, 65535);

  it.each([
    ['0', 0],
    ['65535', 65535],
    ['007', 7],
  ])('reads %s as %d', (given, value) => {
    expect(port.read(given)).toEqual({ value, problems: [] });
  });

  it.each(['65536', '-1', '1.5', '-Infinity', 'abc'])('has one problem with %s', (given) => {
    expect(port.read(given).problems).toEqual(['must be a whole number from 0 to 65535']);
  });

  it('states its bounds in both languages', () => {
    expect(port.accepts).toEqual({ en: 'integer, 0 to 65535', zh: '整数，0 至 65535' });
  });
});

describe('boolean', () => {
  it('reads true and false', () => {
    expect(boolean().read('true')).toEqual({ value: true, problems: [] });
    expect(boolean().read('false')).toEqual({ value: false, problems: [] });
  });

  it.each(['yes', 'TRUE', '1'])('keeps %s and reports it', (given) => {
    expect(boolean().read(given)).toEqual({ value: given, problems: ['must be true or false'] });
  });
});

describe('oneOf', () => {
  it('reads a text or a number of the list', () => {
    expect(oneOf(['gzip', 'none']).read('gzip')).toEqual({ value: 'gzip', problems: [] });
    expect(oneOf([-1, 1, 2]).read('-1')).toEqual({ value: -1, problems: [] });
  });

  it('lists the choices when a value is none of them', () => {
    expect(oneOf([-1, 1, 2]).read('0').problems).toEqual(['must be one of -1, 1, 2']);
  });

  it('reads a synonym as its choice, and names the choice only', () => {
    const type = oneOf(['debug', 'info'], new Map([['log', 'info']]));
    expect(type.read('log')).toEqual({ value: 'info', problems: [] });
    expect(type.read('constructor').problems).toEqual(['must be one of debug, info']);
    expect(type.accepts.en).toBe('`debug` or `info`');
  });

  it('names its choices in both languages', () => {
    expect(oneOf(['a', 'b', 'c']).accepts).toEqual({ en: '`a`, `b` or `c`', zh: '`a`、`b` 或 `c`' });
  });
});

describe('text', () => {
  const accepts = { en: 'text', zh: '文本' };

  it('accepts anything without a requirement', () => {
    expect(text(accepts).read('汉')).toEqual({ value: '汉', problems: [] });
  });

  it('reports the requirement that it breaks', () => {
    const short = checkedText(accepts, 'be short', (value) => value.length < 3);
    expect(short.read('ab').problems).toEqual([]);
    expect(short.read('abc').problems).toEqual(['must be short']);
  });
});
