import { describe, expect, it } from '@jest/globals';
import { ReplayDeadLettersCommand } from '../../../../../src/application/commands/replay-dead-letters/replay-dead-letters.command.js';
import { ReplayDeadLettersHandler } from '../../../../../src/application/commands/replay-dead-letters/replay-dead-letters.handler.js';
import {
  DeadLetterReplayError,
  type DeadLetterSelection,
  type IDeadLetters,
  type ReplayOutcome,
} from '../../../../../src/application/ports/dead-letters.port.js';

const SELECTION: DeadLetterSelection = {
  reason: 'user_id_invalid',
  since: null,
  until: null,
  sources: null,
  limit: 2,
};

/** Dead letters that a replay counts without a message broker. */
function deadLettersWith(replayed: number): IDeadLetters {
  return {
    replay: async ({ limit, reason }, { dryRun, onProgress }): Promise<ReplayOutcome> => {
      const count = Math.min(replayed, limit ?? Infinity);
      onProgress?.({ read: replayed, total: replayed, replayed: count });
      return {
        topic: 'identity-events',
        deadLetterTopic: 'identity-events.dlq',
        ended: dryRun ? 'complete' : 'limit',
        read: replayed,
        replayed: count,
        byReason: new Map([[reason ?? '', count]]),
        repeated: 0,
        leftAlone: { foreign: 0, incomplete: 0, misplaced: 0 },
        missing: [],
      };
    },
  };
}

const { signal } = new AbortController();

describe('ReplayDeadLettersHandler', () => {
  it('replays what the selection says and reports progress', async () => {
    const progress: number[] = [];
    const outcome = await new ReplayDeadLettersHandler(deadLettersWith(5)).execute(
      new ReplayDeadLettersCommand(SELECTION, {
        dryRun: false,
        signal,
        onProgress: ({ replayed }) => progress.push(replayed),
      }),
    );
    expect(outcome).toMatchObject({
      ended: 'limit',
      replayed: 2,
      byReason: new Map([['user_id_invalid', 2]]),
    });
    expect(progress).toEqual([2]);
  });

  it('fails when the message broker is unavailable', async () => {
    const unavailable: IDeadLetters = {
      replay: () => Promise.reject(new DeadLetterReplayError('Reading identity-events.dlq has failed')),
    };
    await expect(
      new ReplayDeadLettersHandler(unavailable).execute(
        new ReplayDeadLettersCommand(SELECTION, { dryRun: true, signal }),
      ),
    ).rejects.toThrow(DeadLetterReplayError);
  });
});
