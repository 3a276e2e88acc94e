import { describe, expect, it } from '@jest/globals';
import type {
  DeadLetter,
  ReplayOutcome,
} from '../../../src/infrastructure/kafka/dead-letters/dead-letter-replay.js';
import {
  LETTER_HEADS,
  letterLine,
  readReplayArguments,
  replaySummary,
} from '../../../src/cli/support/replay-report.js';
import { UsageError } from '../../../src/cli/support/usage-error.js';
import { NOW } from '../../support/builders.js';

describe('the arguments of dlq:replay', () => {
  it('select everything unless told otherwise', () => {
    expect(readReplayArguments([])).toEqual({
      dryRun: false,
      reason: null,
      since: null,
      until: null,
      sources: null,
      limit: null,
    });
  });

  it('are understood, written either way', () => {
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
      reason: 'user_id_invalid',
      since: NOW,
      until: new Date('2025-01-14T17:30:00Z'),
      sources: ['3:42', '7:0', '0:9223372036854775807'],
      limit: 10,
    });
  });

  it.each([
    [['--dryrun'], "Unknown option '--dryrun'"],
    [['identity-events'], "Unexpected argument 'identity-events'"],
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
  ])('are not %j', (argv, message) => {
    expect(() => readReplayArguments(argv)).toThrow(UsageError);
    expect(() => readReplayArguments(argv)).toThrow(message);
  });

  it('come with the usage when they are unknown, and without advice of Node', () => {
    expect(() => readReplayArguments(['--what'])).toThrow(
      /^Unknown option '--what'\nUsage: npm run dlq:replay/,
    );
  });
});

describe('a dead letter', () => {
  const letter: DeadLetter = {
    source: '3:42',
    partition: 3,
    reason: 'user_id_invalid',
    detail: 'userId must be a decimal string',
    failedAt: NOW,
    key: 'user.account.created',
  };

  it('is one line below the heads', () => {
    expect([LETTER_HEADS, letterLine(letter)]).toEqual([
      'source          failed at                 reason                key                       detail',
      '3:42            2025-01-14T17:00:00.000Z  user_id_invalid       user.account.created      ' +
        'userId must be a decimal string',
    ]);
  });

  it('obeys nothing that is written in it, and is as long as a line may be', () => {
    const line = letterLine({
      ...letter,
      key: '\u001b[31mred\n',
      reason: 'r'.repeat(100),
      detail: 'd\r'.repeat(500),
    });
    expect(line).not.toMatch(/\p{Cc}/u);
    expect(line.length).toBeLessThan(260);
    expect(letterLine({ ...letter, key: null, detail: '' })).toMatch(/ {2}–$/);
  });
});

describe('the summary of a replay', () => {
  const TOPICS = { topic: 'identity-events', deadLetterTopic: 'identity-events.dlq' };

  function summary(
    overrides: Partial<ReplayOutcome>,
    options: { readonly dryRun?: boolean; readonly limit?: number } = {},
  ): string[] {
    const outcome: ReplayOutcome = {
      ended: 'complete',
      read: 0,
      replayed: 0,
      byReason: new Map(),
      repeated: 0,
      leftAlone: { foreign: 0, incomplete: 0, misplaced: 0 },
      missing: [],
      ...overrides,
    };
    return replaySummary(outcome, TOPICS, {
      dryRun: options.dryRun ?? false,
      limit: options.limit ?? null,
    }).split('\n');
  }

  it('is short when there is nothing', () => {
    expect(summary({})).toEqual(['There are no dead letters in identity-events.dlq.']);
  });

  it('counts by reason, the most frequent first', () => {
    expect(
      summary({
        read: 40,
        replayed: 12,
        byReason: new Map([
          ['internal_error', 1],
          ['message_invalid', 1],
          ['user_id_invalid', 10],
        ]),
        repeated: 2,
        leftAlone: { foreign: 1, incomplete: 2, misplaced: 3 },
      }),
    ).toEqual([
      '12 replayed to identity-events, of 40 dead letters read.',
      '  10  user_id_invalid',
      '   1  internal_error',
      '   1  message_invalid',
      '2 had the source of another one and were left out.',
      '6 were left alone: 1 not from identity-events, 2 without the headers of a dead letter, ' +
        '3 from a partition that identity-events no longer has.',
      'They stay in identity-events.dlq too; replaying them again records nothing twice.',
    ]);
  });

  it('says of a dry run what would be', () => {
    expect(summary({ read: 1, replayed: 1, byReason: new Map([['x', 1]]) }, { dryRun: true })).toEqual([
      '1 would be replayed to identity-events, of 1 dead letter read.',
      '  1  x',
    ]);
  });

  it('says that it ended early', () => {
    expect(summary({ ended: 'interrupted', read: 9, replayed: 0 })).toEqual([
      'Interrupted: 0 replayed to identity-events, of 9 dead letters read.',
    ]);
    expect(summary({ ended: 'limit', read: 9, replayed: 5 }, { limit: 5, dryRun: true })).toContain(
      'Stopped at the limit of 5; there may be more.',
    );
  });

  it('names the sources that are not there, once everything was read', () => {
    expect(summary({ read: 9, missing: ['3:42', '0:0'] })).toContain(
      'No such dead letter: source 3:42, source 0:0.',
    );
    expect(summary({ ended: 'limit', read: 9, missing: ['3:42'] }).join()).not.toContain('3:42');
  });
});
