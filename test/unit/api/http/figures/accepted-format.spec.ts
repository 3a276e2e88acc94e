import { describe, expect, it } from '@jest/globals';

import { acceptedFormat } from '../../../../../src/api/http/figures/accepted-format.js';
import { applicationError } from '../../../expectations.js';

describe('acceptedFormat', () => {
  it.each([
    ['text/csv'],
    ['TEXT/CSV; charset=utf-8'],
    ['text/csv;header=present'],
    ['text/*'],
    ['text/csv, */*;q=0.1'],
    ['text/csv, */*'],
    ['text/csv, application/json'],
    ['application/json;q=0.5, text/csv;q=0.8'],
    ['application/xml, text/csv'],
  ])('is CSV for %s', (header) => {
    expect(acceptedFormat(header)).toEqual({ type: 'text/csv', bom: false });
  });

  it.each([
    [undefined],
    [''],
    ['*/*'],
    ['application/json'],
    ['application/json, text/csv'],
    ['application/json, text/*'],
    ['text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8'],
    ['text/csv;q=0'],
    ['text/*, text/csv;q=0'],
    ['text/csv;q=nonsense'],
    ['text/csv;q=0.2, */*;q=0.3'],
    ['application/xml'],
    ['text/plain'],
    [',;,=;'],
  ])('is JSON for %s', (header) => {
    expect(acceptedFormat(header)).toEqual({ type: 'application/json', bom: false });
  });

  it.each([
    ['text/csv;bom=true', true],
    ['text/csv; BOM="1"', true],
    ['text/csv;bom=false', false],
    ['text/csv;bom=0', false],
  ])('reads the byte order mark of %s', (header, bom) => {
    expect(acceptedFormat(header)).toEqual({ type: 'text/csv', bom });
  });

  it('names the parameter bom when its value is neither true nor false', () => {
    expect(() => acceptedFormat('text/csv;bom=yes')).toThrow(applicationError('request_invalid'));
    expect(() => acceptedFormat('text/csv;bom=yes')).toThrow(/^bom must be true or false/);
  });
});
