import { describe, expect, it } from '@jest/globals';
import { UsageError } from '../../../../src/cli/support/usage-error.js';
import { HELP, parseOptions, type ChaosOptions } from '../../../../tools/chaos/options.js';
import { ALL_KINDS } from '../../../../tools/chaos/plan/fault-kinds.js';
import { SEEDED_STORES } from '../../../../tools/chaos/plan/stores.js';
import { commandOf } from '../../../../tools/chaos/report/verdict.js';

const DEFAULTS = { seed: '42' };

function parse(argv: string): ReturnType<typeof parseOptions> {
  return parseOptions(argv.split(' ').filter(Boolean), DEFAULTS);
}

function runOptionsOf(argv: readonly string[]): ChaosOptions {
  const options = parseOptions(argv, DEFAULTS);
  if (options === undefined || !('seed' in options)) throw new Error('no run');
  return options;
}

describe('parseOptions', () => {
  it('plans ten minutes of every kind by default, and returns undefined for --help', () => {
    expect(parse('')).toMatchObject({ seed: '42', durationMs: 600_000, kinds: ALL_KINDS });
    expect(parse('--help')).toBeUndefined();
    for (const kind of ALL_KINDS) expect(HELP).toContain(kind);
  });

  it('reads kinds and groups of --only', () => {
    expect(parse('--only redis.freeze,clock')).toMatchObject({
      kinds: ['redis.freeze', 'clock.ahead', 'clock.behind'],
    });
    const links = ALL_KINDS.filter((kind) => kind.includes('-link.'));
    expect(parse('--only link')).toMatchObject({ kinds: links });
  });

  it('derives stores and replicas from the seed, unless they are given', () => {
    const seeds = Array.from({ length: 40 }, (_, seed) => parse(`--seed ${String(seed)}`));
    const chosen = seeds.flatMap((options) =>
      options !== undefined && 'stores' in options ? options.stores : [],
    );
    expect(new Set(chosen)).toEqual(new Set(SEEDED_STORES));
    const counts = seeds.map((options) => options !== undefined && 'replicas' in options && options.replicas);
    expect(new Set(counts)).toEqual(new Set([2, 3]));
    expect(parse('--seed 7')).toEqual(parse('--seed 7'));
    expect(parse('--seed 7 --stores cluster,standby')).toMatchObject({ stores: ['standby', 'cluster'] });
    expect(parse('--seed 7 --stores single')).toMatchObject({ stores: [] });
  });

  it.each([
    '--only nothing',
    '--minutes 0',
    '--replicas 9',
    '--devices many',
    '--unknown',
    '--calm -1',
    '--stores oracle',
    '--at-once 21',
  ])('rejects %s', (argv) => {
    expect(() => parse(argv)).toThrow(UsageError);
  });

  it('is undone by the command that repeats a run', () => {
    const given = '--seed 7 --minutes 3 --only redis --calm 0 --devices 50 --at-once 5 --speed 2';
    const options = runOptionsOf(given.split(' '));
    const [, argv] = commandOf(options).split(' -- ');
    expect(parse(argv ?? '')).toEqual(options);
  });

  it('is undone by the command also for a seed that the shell would divide', () => {
    const options = runOptionsOf(['--seed', "it's $HOME"]);
    expect(commandOf(options)).toContain("--seed 'it'\\''s $HOME' ");
  });
});
