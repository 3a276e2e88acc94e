import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';

/** What is thrown or sent as a `code`: the first argument of an exception, or a value of the filter's table. */
const THROWN = /(?:Exception|invalidRange|dependencyUnavailable)\(\s*['`]([a-z]+(?:_[a-z]+)+)['`]/g;
const TABLE = /^\s+\d{3}: '([a-z]+(?:_[a-z]+)+)',$/gm;
const FALLBACK = /\?\? '([a-z]+(?:_[a-z]+)+)'|code: '([a-z]+(?:_[a-z]+)+)'/g;

function sources(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter(
      (entry) => entry.isFile() && entry.name.endsWith('.ts') && !entry.parentPath.includes('generated'),
    )
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'));
}

const files = sources('src');
const filter = readFileSync('src/shared/filters/domain-exception.filter.ts', 'utf8');
const codes = new Set([
  ...files.flatMap((text) => [...text.matchAll(THROWN)].map((match) => match[1] ?? '')),
  ...[...filter.matchAll(TABLE)].map((match) => match[1] ?? ''),
  ...[...filter.matchAll(FALLBACK)].map((match) => match[1] ?? match[2] ?? ''),
  // Made of the dependency's name.
  ...files.flatMap((text) =>
    [...text.matchAll(/dependencyUnavailable\('([a-z]+)'/g)].map((match) => `${match[1] ?? ''}_unavailable`),
  ),
]);
const documented = new Set(
  [...readFileSync('docs/errors.md', 'utf8').matchAll(/`([a-z]+(?:_[a-z]+)+)`/g)].map(
    (match) => match[1] ?? '',
  ),
);

describe('docs/errors.md', () => {
  it.each([...codes].sort())('explains %s', (code) => {
    expect(documented).toContain(code);
  });

  it('explains nothing that is never sent', () => {
    const inSources = files.join('\n');
    expect([...documented].filter((code) => !codes.has(code) && !inSources.includes(code))).toEqual([]);
  });
});
