import { describe, expect, it } from '@jest/globals';
import { UsageError } from '../../../../src/cli/support/usage-error.js';
import { HELP, parseOptions } from '../../../../tools/chaos/options.js';
import { ALL_KINDS } from '../../../../tools/chaos/plan/fault-kinds.js';
import { commandOf } from '../../../../tools/chaos/report/verdict.js';

const DEFAULTS = { seed: '42' };

function parse(argv: string): ReturnType<typeof parseOptions> {
  return parseOptions(argv.split(' ').filter(Boolean), DEFAULTS);
}

describe('parseOptions', () => {
  it('plans ten minutes of every kind by default, and returns undefined for --help', () => {
    expect(parse('')).toMatchObject({ seed: '42', durationMs: 600_000, kinds: ALL_KINDS, replicas: 2 });
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

  it.each(['--only nothing', '--minutes 0', '--replicas 9', '--devices many', '--unknown', '--calm -1'])(
    'rejects %s',
    (argv) => {
      expect(() => parse(argv)).toThrow(UsageError);
    },
  );

  it('is undone by the command that repeats a run', () => {
    const options = parse('--seed 7 --minutes 3 --only redis --calm 0 --devices 50');
    if (options === undefined || !('seed' in options)) throw new Error('no run');
    const [, argv] = commandOf(options).split(' -- ');
    expect(parse(argv ?? '')).toEqual(options);
  });
});
