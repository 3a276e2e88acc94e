import { describe, expect, it } from '@jest/globals';
import type { KafkaMessage } from 'kafkajs';
import type {
  DeadLetter,
  DeadLetterSelection,
  Misfit,
} from '../../../../../src/application/ports/dead-letters.port.js';
import { ReplayTally } from '../../../../../src/infrastructure/kafka/dead-letters/replay-tally.js';
import { earlier, later, NOW } from '../../../../support/builders.js';

const ALL: DeadLetterSelection = { reason: null, since: null, until: null, sources: null, limit: null };
const MESSAGE = { offset: '0' } as KafkaMessage;

const letter = (source: string, overrides: Partial<DeadLetter> = {}): DeadLetter => ({
  source,
  partition: Number(source.split(':')[0]),
  reason: 'internal_error',
  detail: '',
  failedAt: NOW,
  key: null,
  ...overrides,
});

/** Chooses among the letters, counts the choice and returns the selected sources. */
function replay(tally: ReplayTally, letters: readonly (DeadLetter | Misfit)[]): string[] {
  const choice = tally.choose(letters.map((candidate) => ({ message: MESSAGE, letter: candidate })));
  tally.count(choice);
  return choice.selected.map(({ letter: { source } }) => source);
}

describe('ReplayTally', () => {
  it('selects each source once, however many chunks repeat it', () => {
    const tally = new ReplayTally(ALL);
    expect(replay(tally, [letter('0:1'), letter('0:2'), letter('0:1')])).toEqual(['0:1', '0:2']);
    expect(replay(tally, [letter('0:2'), letter('1:2')])).toEqual(['1:2']);
    expect(tally.summarize('complete')).toMatchObject({ read: 5, replayed: 3, repeated: 2 });
  });

  it('selects by reason, time and source, all conditions at once', () => {
    const tally = new ReplayTally({
      ...ALL,
      reason: 'user_id_invalid',
      since: NOW,
      until: later(NOW, 1),
      sources: ['0:1', '0:2', '0:3', '0:4'],
    });
    const wanted = { reason: 'user_id_invalid' };
    const selected = replay(tally, [
      letter('0:1', wanted),
      letter('0:2'),
      letter('0:3', { ...wanted, failedAt: earlier(NOW, 1) }),
      letter('0:4', { ...wanted, failedAt: later(NOW, 1) }),
      letter('0:5', wanted),
    ]);
    expect(selected).toEqual(['0:1']);
    expect(tally.summarize('complete')).toMatchObject({ missing: ['0:2', '0:3', '0:4'] });
  });

  it('stops at the limit and examines no candidate after it', () => {
    const tally = new ReplayTally({ ...ALL, limit: 3 });
    expect(replay(tally, [letter('0:1'), letter('0:1'), letter('0:2')])).toEqual(['0:1', '0:2']);
    expect(tally.hasReachedLimit()).toBe(false);
    expect(replay(tally, [letter('0:3'), letter('0:4')])).toEqual(['0:3']);
    expect(tally.hasReachedLimit()).toBe(true);
    expect(tally.read).toBe(4);
  });

  it('counts nothing of a choice that was not replayed', () => {
    const tally = new ReplayTally(ALL);
    tally.choose([{ message: MESSAGE, letter: letter('0:1') }]);
    expect(tally.summarize('interrupted')).toMatchObject({ read: 0, replayed: 0, byReason: new Map() });
  });

  it('counts misfits by kind and replayed dead letters by reason', () => {
    const tally = new ReplayTally(ALL);
    replay(tally, ['foreign', letter('0:1'), 'incomplete', 'incomplete', letter('0:2', { reason: 'x' })]);
    expect(tally.summarize('complete')).toEqual({
      ended: 'complete',
      read: 5,
      replayed: 2,
      byReason: new Map([
        ['internal_error', 1],
        ['x', 1],
      ]),
      repeated: 0,
      leftAlone: { foreign: 1, incomplete: 2, misplaced: 0 },
      missing: [],
    });
  });
});
