import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { RULES } from '../../../../clients/conformance/rules.js';
import { SCENARIOS } from '../../../../clients/conformance/run-conformance.js';
import { INVARIANT_RULES } from '../../../../clients/conformance/invariants.js';

const DOCS = join(import.meta.dirname, '../../../../docs');

/** Returns the first two cells of each row that states a rule. */
function readRules(page: string): (readonly [string, string])[] {
  const text = readFileSync(join(DOCS, page), 'utf8');
  return [...text.matchAll(/^\| (R\d+) +\| ([^|]+?) +\|/gm)].map(([, id = '', title = '']) => [id, title]);
}

describe('the page of the client protocol', () => {
  it('states each rule of the kit once, in its words', () => {
    const stated = readRules('client-protocol.md').sort(
      ([a], [b]) => Number(a.slice(1)) - Number(b.slice(1)),
    );

    expect(stated).toEqual(RULES.map(({ id, title }) => [id, title]));
  });

  it('states each rule once in Chinese', () => {
    expect(readRules('zh-CN/client-protocol.md').map(([id]) => id)).toEqual(RULES.map(({ id }) => id));
  });
});

describe('the scenarios of the kit', () => {
  it('judge each rule', () => {
    const judged = new Set([...SCENARIOS.flatMap(({ rules }) => rules), ...INVARIANT_RULES]);
    expect(RULES.map(({ id }) => id).filter((id) => !judged.has(id))).toEqual([]);
  });

  it('have names that --only can tell apart', () => {
    const names = SCENARIOS.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });
});
