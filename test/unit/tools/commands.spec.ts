import { existsSync, readFileSync } from 'node:fs';

import { describe, expect, it } from '@jest/globals';

import { parseCommandLine } from '../../../src/cli/support/command-line.js';
import { UsageError } from '../../../src/cli/support/usage-error.js';
import { COMMANDS } from '../../../tools/commands.js';

const ROOT = new URL('../../../', import.meta.url);
const { scripts } = JSON.parse(readFileSync(new URL('package.json', ROOT), 'utf8')) as {
  readonly scripts: Readonly<Record<string, string>>;
};

/** Positional arguments that each command accepts. */
const VALID: Readonly<Record<string, readonly string[]>> = {
  'events:import': ['events.jsonl'],
  'dau:calculate': ['2025-01-15', '2025-01-16'],
  'actives:build': ['2025-01-15', '2025-01-16'],
  'dau:audit': ['2025-01-15', '2025-01-16'],
  'user:erase': ['--user=42'],
  'bench:flame': ['in.cpuprofile', 'out.svg'],
  release: ['minor'],
  'check:recorded-input': ['events.jsonl', 'expected.json'],
};

const LIFECYCLE =
  /^(pre)?(start|start:prod|build|test(:\w+)?|(build|dev):web|lint(:packages)?|format(:check)?|layers|typecheck|verify)$/;

describe.each(COMMANDS.map(({ definition, program }) => ({ ...definition, definition, program })))(
  '$name',
  ({ name, definition, program }) => {
    const valid = VALID[name] ?? [];
    const parse = (...argv: string[]) => parseCommandLine(definition, argv);
    const mistake = (...argv: string[]): string => {
      try {
        parse(...argv);
      } catch (error) {
        expect(error).toBeInstanceOf(UsageError);
        return (error as Error).message;
      }
      throw new Error(`${argv.join(' ')} was accepted`);
    };

    it('shows its help, whatever else is given', () => {
      for (const argv of [['--help'], ['-h'], [...valid, '--help'], ['--nonsense', '--help']]) {
        const { help } = parse(...argv);
        expect(help).toMatch(new RegExp(`^Usage: npm run ${name}\\b`));
        for (const option of Object.keys(definition.options ?? {})) expect(help).toContain(`  --${option}`);
        for (const { name: positional } of definition.positionals ?? [])
          expect(help).toContain(`  ${positional}`);
      }
    });

    it('accepts its arguments and its examples', () => {
      expect(parse(...valid).help).toBeNull();
      for (const example of definition.examples) {
        const argv = example.split(' ').filter(Boolean);
        expect(parse(...argv).help).toBeNull();
      }
    });

    it('rejects unknown options and values of flags, with the usage as the last lines', () => {
      for (const wrong of ['--no-such-option', '--no-such-option=1', '-x', '--help=yes']) {
        expect(mistake(...valid, wrong)).toMatch(
          new RegExp(`^[^\\n]+\\nUsage: npm run ${name}[^\\n]*\\nIts help: npm run ${name} -- --help$`),
        );
      }
    });

    it('rejects extra and missing arguments', () => {
      const { positionals = [] } = definition;
      if (positionals.at(-1)?.repeated !== true) {
        const filled = positionals.map(({ name: each }, index) => valid[index] ?? each);
        expect(mistake(...filled, 'surplus')).toContain('Unexpected argument "surplus"');
      }
      const required = positionals.filter((each) => each.required === true);
      if (required.length > 0) expect(mistake()).toMatch(/^\S+ is missing\n/);
    });

    it('rejects an option that is given twice, unless it may be', () => {
      for (const [option, { value, multiple }] of Object.entries(definition.options ?? {})) {
        if (multiple === true) continue;
        const argument = value === undefined ? `--${option}` : `--${option}=1`;
        expect(mistake(...valid, argument, argument)).toContain(`--${option} may be given once only`);
      }
    });

    it('is run by its npm script, which checks the arguments first', () => {
      expect(scripts[name]).toBe(`node --no-warnings tools/run-command.mjs ${name}`);
      if (!program.startsWith('dist/')) expect(existsSync(new URL(program, ROOT))).toBe(true);
    });
  },
);

describe('package.json', () => {
  it('has no other script that takes arguments or has an effect of its own', () => {
    const known = new Set(COMMANDS.map(({ definition }) => definition.name));
    expect(Object.keys(scripts).filter((name) => !known.has(name) && !LIFECYCLE.test(name))).toEqual([]);
  });
});

describe('a span of days', () => {
  const spanOf = (name: string, ...argv: string[]) => {
    const { definition } = COMMANDS.find((command) => command.definition.name === name)!;
    const commandLine = parseCommandLine(definition, argv);
    return (commandLine as unknown as { given: { days: readonly string[] } }).given.days;
  };

  it.each(['dau:audit', 'dau:calculate'])('means all days from the first to the last for %s', (name) => {
    expect(spanOf(name, '2025-01-30', '2025-02-01')).toEqual(['2025-01-30', '2025-01-31', '2025-02-01']);
    expect(spanOf(name, '2025-01-30')).toEqual(['2025-01-30']);
    expect(() => spanOf(name, '2025-02-01', '2025-01-30')).toThrow(/^LAST-DAY 2025-01-30 is earlier/);
    expect(() => spanOf(name, '2025-02-30')).toThrow(/^FIRST-DAY must be a day as YYYY-MM-DD/);
    expect(() => spanOf(name, '2125-01-01')).toThrow(
      /^FIRST-DAY must not be in the future, but 2125-01-01 is/,
    );
    expect(() => spanOf(name, '2025-01-01', '2125-01-01')).toThrow(/^LAST-DAY must not be in the future/);
  });
});
