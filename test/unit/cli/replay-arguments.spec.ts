import { describe, expect, it } from '@jest/globals';
import { DLQ_REPLAY, type ReplayArguments } from '../../../src/cli/definitions/dlq-replay.js';
import { parseCommandLine } from '../../../src/cli/support/command-line.js';
import { UsageError } from '../../../src/cli/support/usage-error.js';
import { NOW } from '../../support/builders.js';

function readReplayArguments(argv: readonly string[]): ReplayArguments | null {
  const commandLine = parseCommandLine(DLQ_REPLAY, argv);
  return commandLine.help === null ? commandLine.given : null;
}

describe('the arguments of dlq:replay', () => {
  it('select every dead letter by default', () => {
    expect(readReplayArguments([])).toEqual({
      dryRun: false,
      json: false,
      reason: null,
      since: null,
      until: null,
      sources: null,
      limit: null,
    });
  });

  it('are accepted as --name=value and as --name value', () => {
    expect(
      readReplayArguments([
        '--dry-run',
        '--reason=user_id_invalid',
        '--since',
        '2025-01-15T01:00:00+08:00',
        '--until=2025-01-14T17:30Z',
        '--source=3:42',
        '--source',
        '007:0000',
        '--source=0:9223372036854775807',
        '--limit=10',
      ]),
    ).toEqual({
      dryRun: true,
      json: false,
      reason: 'user_id_invalid',
      since: NOW,
      until: new Date('2025-01-14T17:30:00Z'),
      sources: ['3:42', '7:0', '0:9223372036854775807'],
      limit: 10,
    });
  });

  it.each([
    [['--dryrun'], "Unknown option '--dryrun'"],
    [['identity-events'], 'Unexpected argument "identity-events"'],
    [['--limit=1', '--limit=2'], '--limit may be given once only'],
    [['--dry-run=no'], "Option '--dry-run' does not take an argument"],
    [['--reason'], "Option '--reason <value>' argument missing"],
    [['--reason= '], '--reason must not be empty'],
    [['--since=yesterday'], '--since must be an instant with its zone'],
    [['--since=2025-01-15'], '--since must be an instant with its zone'],
    [['--since=2025-01-15T08:00:00'], '--since must be an instant with its zone'],
    [['--until=2025-02-30T08:00:00Z'], '--until must be an instant with its zone'],
    [['--until=2025-01-15T25:00:00Z'], '--until must be an instant with its zone'],
    [['--since=2025-01-15T08:00:00Z', '--until=2025-01-15T16:00:00+08:00'], '--since must be earlier'],
    [['--source=42'], '--source must be PARTITION:OFFSET'],
    [['--source=3:-1'], '--source must be PARTITION:OFFSET'],
    [['--source=identity-events:3:42'], '--source must be PARTITION:OFFSET'],
    [['--limit=0'], '--limit must be a whole number from 1'],
    [['--limit=1.5'], '--limit must be a whole number from 1'],
    [['--limit=many'], '--limit must be a whole number from 1'],
  ])('are rejected: %j', (argv, message) => {
    expect(() => readReplayArguments(argv)).toThrow(UsageError);
    expect(() => readReplayArguments(argv)).toThrow(message);
  });

  it('end in the usage when an option is unknown, without the advice of Node', () => {
    expect(() => readReplayArguments(['--what'])).toThrow(
      /^Unknown option '--what'\nUsage: npm run dlq:replay/,
    );
  });
});
