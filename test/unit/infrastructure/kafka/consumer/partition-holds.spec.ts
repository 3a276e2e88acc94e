import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { PartitionHolds } from '../../../../../src/infrastructure/kafka/consumer/partition-holds.js';

let holds: PartitionHolds;
let resumed: number[];

beforeEach(() => {
  jest.useFakeTimers();
  holds = new PartitionHolds({ minMs: 1_000, maxMs: 4_000 });
  resumed = [];
});

afterEach(() => {
  holds.close();
  jest.useRealTimers();
});

const hold = (partition: number, offset: string): number =>
  holds.hold(partition, offset, () => resumed.push(partition));

describe('PartitionHolds', () => {
  it('counts the failed attempts of one message, and starts again with the next', () => {
    expect([hold(0, '5'), hold(0, '5'), hold(0, '6')]).toEqual([1, 2, 1]);
    expect([holds.countAttempts(0, '5'), holds.countAttempts(0, '6')]).toEqual([0, 1]);
  });

  it('counts partitions apart', () => {
    expect([hold(0, '5'), hold(1, '5')]).toEqual([1, 1]);
  });

  it('starts at one after the messages of a partition were handled', () => {
    hold(0, '5');
    holds.reset(0);
    expect(hold(0, '5')).toBe(1);
  });

  it('resumes the partition after a wait that grows to its bound', () => {
    hold(0, '5');
    jest.advanceTimersByTime(1_499);
    expect(resumed).toEqual([]);
    jest.advanceTimersByTime(501);
    expect(resumed).toEqual([0]);
    hold(0, '5');
    jest.advanceTimersByTime(2_999);
    expect(resumed).toEqual([0]);
    for (let attempt = 3; attempt <= 10; attempt++) hold(0, '5');
    jest.advanceTimersByTime(4_000);
    expect(resumed).toEqual([0, 0]);
  });

  it('resumes no partition after it was closed', () => {
    hold(0, '5');
    holds.close();
    jest.advanceTimersByTime(60_000);
    expect(resumed).toEqual([]);
  });
});
