import { describe, expect, it } from '@jest/globals';
import { StatementNames } from '../../../../../src/infrastructure/persistence/prisma/statement-names.js';

describe('StatementNames', () => {
  it('gives one text one name in every process, and another text another name', () => {
    const names = new StatementNames();
    const first = names.nameOf('SELECT 1');
    expect(names.nameOf('SELECT 2')).not.toBe(first);
    expect(names.nameOf('SELECT 1')).toBe(first);
    expect(new StatementNames().nameOf('SELECT 1')).toBe(first);
  });
});
