import { describe, expect, it } from '@jest/globals';
import { retryDuringElection } from '../../../../src/infrastructure/kafka/leader-election.js';

const brokerError = (type: string): Error => Object.assign(new Error(type), { type });

/** Fails with the errors, one after the other, and then succeeds. */
function failing(errors: readonly Error[]) {
  const left = [...errors];
  const waits: number[] = [];
  const outcome = retryDuringElection(
    async () => {
      const error = left.shift();
      if (error !== undefined) throw error;
      return 'done';
    },
    { wait: async (attempt) => waits.push(attempt) },
  );
  return { outcome, waits };
}

describe('retryDuringElection()', () => {
  it('repeats the work while a partition has no leader that answers for it', async () => {
    const { outcome, waits } = failing([
      brokerError('NOT_LEADER_FOR_PARTITION'),
      brokerError('LEADER_NOT_AVAILABLE'),
      new Error('kafkajs gave up', { cause: brokerError('LEADER_NOT_AVAILABLE') }),
    ]);
    expect(await outcome).toBe('done');
    expect(waits).toEqual([1, 2, 3]);
  });

  it('gives up after eight attempts', async () => {
    const { outcome, waits } = failing(
      Array.from({ length: 8 }, () => brokerError('NOT_LEADER_FOR_PARTITION')),
    );
    await expect(outcome).rejects.toThrow('NOT_LEADER_FOR_PARTITION');
    expect(waits).toHaveLength(7);
  });

  it.each([brokerError('TOPIC_AUTHORIZATION_FAILED'), new Error('no broker')])(
    'does not repeat the work after %s',
    async (error) => {
      const { outcome, waits } = failing([error]);
      await expect(outcome).rejects.toBe(error);
      expect(waits).toEqual([]);
    },
  );
});
