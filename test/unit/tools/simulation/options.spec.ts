import { describe, expect, it } from '@jest/globals';
import { UsageError } from '../../../../src/cli/support/usage-error.js';
import { HELP, parseOptions } from '../../../../tools/simulation/options.js';

const DEFAULTS = { seed: '42', runId: 'now', jwtSecret: 'secret' };

describe('parseOptions', () => {
  it('returns the defaults without arguments', () => {
    expect(parseOptions([], DEFAULTS)).toMatchObject({
      devices: 2_000,
      durationMs: 60_000,
      speed: 1,
      concurrency: 64,
      seed: '42',
      runId: 'now',
      jwtSecret: 'secret',
    });
    expect(parseOptions([], DEFAULTS)?.url.href).toBe('http://127.0.0.1:3001/');
  });

  it('reads every argument, and returns undefined for --help', () => {
    const argv =
      '--url https://example.org/api --devices 5 --duration 1.5 --speed 60 --seed x --run-id y --loss 0';
    expect(parseOptions(argv.split(' '), DEFAULTS)).toMatchObject({
      devices: 5,
      durationMs: 1_500,
      speed: 60,
      seed: 'x',
      runId: 'y',
      loss: 0,
    });
    expect(parseOptions(['--help'], DEFAULTS)).toBeUndefined();
  });

  it.each([
    ['--devices', '0'],
    ['--devices', '1.5'],
    ['--devices', 'many'],
    ['--duration', '-1'],
    ['--speed', '0.5'],
    ['--url', 'localhost:3001'],
    ['--url', 'nonsense'],
    ['--seed', ' '],
    ['--unknown', '1'],
    ['stray'],
    ['--devices'],
  ])('rejects %s %s', (...argv) => {
    expect(() => parseOptions(argv, DEFAULTS)).toThrow(UsageError);
  });

  it('documents every option in the help text', () => {
    const options = Object.keys(parseOptions([], DEFAULTS) ?? {});
    expect(HELP.match(/^ {2}--/gm)).toHaveLength(options.length + 1);
  });
});
