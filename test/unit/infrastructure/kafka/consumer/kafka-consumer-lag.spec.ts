import { describe, expect, it } from '@jest/globals';
import { lagBetween } from '../../../../../src/infrastructure/kafka/consumer/kafka-consumer-lag.js';

const end = (partition: number, low: string, high: string) => ({ partition, low, high });
const at = (partition: number, offset: string) => ({ partition, offset });

describe('lagBetween', () => {
  it.each([
    ['adds up the partitions', [at(0, '7'), at(1, '2')], [end(0, '0', '10'), end(1, '0', '2')], 3],
    ['counts a partition without a commit from its oldest message', [at(0, '-1')], [end(0, '4', '10')], 6],
    ['counts a partition that was added since', [at(0, '10')], [end(0, '0', '10'), end(1, '0', '5')], 5],
    [
      'counts from the oldest message when retention removed the next one',
      [at(0, '3')],
      [end(0, '8', '10')],
      2,
    ],
    ['is never negative, such as for a topic that was created anew', [at(0, '90')], [end(0, '0', '10')], 0],
    ['is 0 for a topic without partitions', [], [], 0],
    ['is exact for offsets beyond 2^53', [at(0, '9007199254740992')], [end(0, '0', '9007199254740995')], 3],
  ])('%s', (_, committed, ends, lag) => {
    expect(lagBetween(committed, ends)).toBe(lag);
  });
});
