import { describe, expect, it } from '@jest/globals';

import {
  correctName,
  withoutName,
} from '../../../../../src/infrastructure/persistence/prisma/pooled-names.js';

const STATEMENT = { name: 'a', text: 'SELECT 1', values: [] };

describe('the names of prepared statements behind a pooler', () => {
  it('are forgotten when the server knows none, and taken over when another client gave it', () => {
    const names = { parsedStatements: { a: 'SELECT 1' } as Record<string, string> };
    expect(correctName(names, STATEMENT, { code: '26000' })).toBe(true);
    expect(names.parsedStatements).toEqual({});
    expect(correctName(names, STATEMENT, { code: '42P05' })).toBe(true);
    expect(names.parsedStatements).toEqual({ a: 'SELECT 1' });
  });

  it('are no excuse for another failure, or for a statement without a name', () => {
    const names = { parsedStatements: {} };
    expect(correctName(names, STATEMENT, { code: '57014' })).toBe(false);
    expect(correctName(names, STATEMENT, undefined)).toBe(false);
    expect(correctName(names, 'SELECT 1', { code: '26000' })).toBe(false);
  });

  it('can be left out', () => {
    expect(withoutName(STATEMENT)).toEqual({ text: 'SELECT 1', values: [] });
    expect(withoutName('SELECT 1')).toBe('SELECT 1');
  });
});
