import { describe, expect, it } from '@jest/globals';
import type { DeadLetter, ReplayOutcome } from '../../../src/application/ports/dead-letters.port.js';
import {
  LETTER_HEADS,
  letterLine,
  replayProgress,
  replaySummary,
  ShownLetters,
} from '../../../src/cli/support/replay-report.js';
import { NOW } from '../../support/builders.js';

describe('the line of a dead letter', () => {
  const letter: DeadLetter = {
    source: '3:42',
    partition: 3,
    reason: 'user_id_invalid',
    detail: 'userId must be a decimal string',
    failedAt: NOW,
    key: 'user.account.created',
  };

  it('is aligned below the heads', () => {
    expect([LETTER_HEADS, letterLine(letter)]).toEqual([
      'source          failed at                 reason                key                       detail',
      '3:42            2025-01-14T17:00:00.000Z  user_id_invalid       user.account.created      ' +
        'userId must be a decimal string',
    ]);
  });

  it('holds no control characters and cuts long fields', () => {
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
  function summary(
    overrides: Partial<ReplayOutcome>,
    options: { readonly dryRun?: boolean; readonly limit?: number } = {},
  ): string[] {
    const outcome: ReplayOutcome = {
      topic: 'identity-events',
      deadLetterTopic: 'identity-events.dlq',
      ended: 'complete',
      read: 0,
      replayed: 0,
      byReason: new Map(),
      repeated: 0,
      leftAlone: { foreign: 0, incomplete: 0, misplaced: 0 },
      missing: [],
      ...overrides,
    };
    return replaySummary(outcome, {
      dryRun: options.dryRun ?? false,
      limit: options.limit ?? null,
    }).split('\n');
  }

  it('is one sentence when there are no dead letters', () => {
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

  it('reports what a dry run would replay', () => {
    expect(summary({ read: 1, replayed: 1, byReason: new Map([['x', 1]]) }, { dryRun: true })).toEqual([
      '1 would be replayed to identity-events, of 1 dead letter read.',
      '  1  x',
    ]);
  });

  it('reports an interruption and a reached limit', () => {
    expect(summary({ ended: 'interrupted', read: 9, replayed: 0 })).toEqual([
      'Interrupted: 0 replayed to identity-events, of 9 dead letters read.',
    ]);
    expect(summary({ ended: 'limit', read: 9, replayed: 5 }, { limit: 5, dryRun: true })).toContain(
      'Stopped at the limit of 5; there may be more.',
    );
  });

  it('names missing sources after everything was read', () => {
    expect(summary({ read: 9, missing: ['3:42', '0:0'] })).toContain(
      'No such dead letter: source 3:42, source 0:0.',
    );
    expect(summary({ ended: 'limit', read: 9, missing: ['3:42'] }).join()).not.toContain('3:42');
  });
});

describe('the progress of a replay', () => {
  it('counts selected dead letters in a dry run, and replayed ones otherwise', () => {
    const progress = { read: 250, total: 900, replayed: 12 };
    expect(replayProgress(progress, true)).toBe('250 of 900 dead letters read · 12 selected');
    expect(replayProgress(progress, false)).toBe('250 of 900 dead letters read · 12 replayed');
  });
});

describe('ShownLetters', () => {
  const letter = (offset: number): DeadLetter => ({
    source: `0:${offset}`,
    partition: 0,
    reason: 'internal_error',
    detail: '',
    failedAt: NOW,
    key: null,
  });

  function shown(count: number): string[] {
    const letters = new ShownLetters();
    for (let offset = 0; offset < count; offset++) letters.add(letter(offset));
    return letters.lines();
  }

  it('prints nothing when no dead letter is selected', () => {
    expect(shown(0)).toEqual([]);
  });

  it('prints the heads once, then each dead letter', () => {
    expect(shown(2)).toEqual([LETTER_HEADS, letterLine(letter(0)), letterLine(letter(1))]);
  });

  it('prints a hundred dead letters and counts the others', () => {
    const lines = shown(103);
    expect(lines).toHaveLength(102);
    expect(lines.at(-1)).toBe('… and 3 more');
  });
});
