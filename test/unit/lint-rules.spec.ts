import { spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeAll, describe, expect, it } from '@jest/globals';

const ROOT = join(import.meta.dirname, '../..');
const FIXTURES = join(ROOT, 'test/fixtures/lint');
const CONFIG = join(ROOT, 'eslint.config.mjs');
const ESLINT = join(ROOT, 'node_modules/eslint/bin/eslint.js');

interface Message {
  readonly line: number;
  readonly ruleId: string | null;
  readonly message: string;
}
interface Result {
  readonly filePath: string;
  readonly messages: readonly Message[];
}

/** Reads the marks of intended violations: `// expect: rule, rule` and `// expect next line: rule`. */
function expectedViolations(text: string): string[] {
  return text.split('\n').flatMap((line, index) => {
    const [, next, rules] = /\/\/ expect( next line)?: (.+)$/.exec(line) ?? [];
    return rules?.split(', ').map((rule) => `${index + (next ? 2 : 1)}: ${rule}`) ?? [];
  });
}

/**
 * Lints the fixtures with the project's configuration, from their directory.
 * Their tree mirrors the project's, so each file meets the rules of its namesake.
 */
function lintFixtures(): Result[] {
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [ESLINT, '--config', CONFIG, '--format', 'json', '.'],
    { cwd: FIXTURES, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 },
  );
  // The exit code is 1 for violations as well; only a crash prints no JSON.
  if (!stdout.startsWith('[')) throw new Error(`ESLint did not run: ${stderr}${stdout}`);
  return JSON.parse(stdout) as Result[];
}

/** Returns the messages of all `no-restricted-*` entries of the configuration. */
async function configuredRestrictions(): Promise<Set<string>> {
  type Entry = string | { message?: string; paths?: { message: string }[] };
  const config = (await import(pathToFileURL(CONFIG).href)) as {
    default: { rules?: Record<string, unknown> }[];
  };
  const entries = config.default.flatMap(({ rules = {} }) =>
    ['no-restricted-syntax', 'no-restricted-properties', 'no-restricted-imports'].flatMap(
      (rule) => (rules[rule] ?? []) as Entry[],
    ),
  );
  return new Set(
    entries
      .filter((entry) => typeof entry !== 'string')
      .flatMap(({ message, paths = [] }) => [message, ...paths.map((path) => path.message)])
      .filter((message) => message !== undefined),
  );
}

describe('ESLint rules on seeded violations', () => {
  let results: readonly Result[];

  beforeAll(() => {
    results = lintFixtures();
  });

  it('reports exactly the marked lines of the fixtures', async () => {
    const reported: Record<string, string[]> = {};
    const expected: Record<string, string[]> = {};
    for (const { filePath, messages } of results) {
      const file = relative(FIXTURES, filePath).split(sep).join('/');
      reported[file] = messages.map(({ line, ruleId }) => `${line}: ${ruleId ?? 'none'}`).sort();
      expected[file] = expectedViolations(await readFile(filePath, 'utf8')).sort();
    }
    expect(reported).toEqual(expected);
  });

  it('reports every restriction of the configuration at least once', async () => {
    const messages = results.flatMap((result) => result.messages.map(({ message }) => message));
    const restrictions = [...(await configuredRestrictions())];
    expect(restrictions.length).toBeGreaterThan(10);
    expect(
      restrictions.filter((restriction) => !messages.some((message) => message.includes(restriction))),
    ).toEqual([]);
  });

  it('reports every opener of a fragment at least once', async () => {
    const openers = (await import(pathToFileURL(join(ROOT, 'tools/lint/plain-comments.mjs')).href)) as Record<
      'FRAGMENT_OPENERS' | 'CLAUSE_OPENERS' | 'PARTICIPLE_OPENERS',
      readonly string[]
    >;
    const messages = results.flatMap((result) => result.messages.map(({ message }) => message));
    const { FRAGMENT_OPENERS, CLAUSE_OPENERS, PARTICIPLE_OPENERS } = openers;
    expect(
      [...FRAGMENT_OPENERS, ...CLAUSE_OPENERS, ...PARTICIPLE_OPENERS].filter(
        (opener) => !messages.some((message) => message.includes(`'${opener} …'`)),
      ),
    ).toEqual([]);
  });

  it.each([
    'A comment holds at most 2 lines of prose',
    '@param holds at most 2 lines',
    'A line with a comment ends before column 121',
  ])('reports a long comment: %s', (text) => {
    const messages = results.flatMap((result) => result.messages.map(({ message }) => message));
    expect(messages.some((message) => message.startsWith(text))).toBe(true);
  });

  it.each([
    '@typescript-eslint/consistent-type-imports',
    '@typescript-eslint/no-explicit-any',
    '@typescript-eslint/no-extraneous-class',
    '@typescript-eslint/no-floating-promises',
    '@typescript-eslint/no-misused-promises',
    '@typescript-eslint/no-unsafe-argument',
    '@typescript-eslint/no-unsafe-assignment',
    '@typescript-eslint/no-unsafe-call',
    '@typescript-eslint/no-unsafe-member-access',
    '@typescript-eslint/no-unsafe-return',
    'local/injected-class-is-value-import',
    'local/plain-comments',
    'no-console',
    'no-restricted-exports',
  ])('enforces %s', (rule) => {
    expect(results.flatMap(({ messages }) => messages.map(({ ruleId }) => ruleId))).toContain(rule);
  });
});
