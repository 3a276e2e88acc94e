import { describe, expect, it } from '@jest/globals';
import { SECTIONS, VARIABLES } from '../../../src/config/variables/catalogue.js';
import type { Section } from '../../../src/config/variables/variable.js';

describe('the catalogue of variables', () => {
  it('declares each variable once', () => {
    const names = SECTIONS.flatMap(({ variables }: Section) => Object.keys(variables));
    expect(names.length).toBe(new Set(names).size);
    expect(names).toEqual(Object.keys(VARIABLES));
  });

  it.each(Object.entries(VARIABLES))('gives %s defaults and an example of its own type', (_, variable) => {
    const { type, example, unset } = variable;
    for (const value of [variable.default, variable.productionDefault]) {
      if (unset === null) expect(type.read(String(value))).toEqual({ value, problems: [] });
    }
    if (example !== '') expect(type.read(example).problems).toEqual([]);
  });

  it.each(Object.entries(VARIABLES))('describes %s in English and in Chinese sentences', (_, variable) => {
    expect(variable.description.en).toMatch(/^[A-Z`].*\.$/);
    expect(variable.description.zh).toMatch(/\p{Script=Han}.*。$/u);
    expect(variable.type.accepts.zh).not.toBe('');
  });

  it('explains what an unset variable means when it has no default', () => {
    for (const { default: value, unset } of Object.values(VARIABLES)) {
      expect(unset === null).toBe(value !== undefined);
    }
  });
});
