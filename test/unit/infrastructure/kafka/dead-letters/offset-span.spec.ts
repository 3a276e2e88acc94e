import { describe, expect, it } from '@jest/globals';
import type { KafkaMessage } from 'kafkajs';
import { OffsetSpan } from '../../../../../src/infrastructure/kafka/dead-letters/offset-span.js';

const messages = (...offsets: number[]): KafkaMessage[] =>
  offsets.map((offset) => ({ offset: String(offset) }) as KafkaMessage);

const offsetsOf = (read: readonly KafkaMessage[]): number[] => read.map(({ offset }) => Number(offset));

describe('OffsetSpan', () => {
  it('is read from the start when no partition holds a record', () => {
    const span = new OffsetSpan([{ partition: 0, low: '7', high: '7' }]);
    expect({ isRead: span.isRead(), total: span.total }).toEqual({ isRead: true, total: 0 });
  });

  it('is read when every partition has advanced to its end', () => {
    const span = new OffsetSpan([
      { partition: 0, low: '5', high: '8' },
      { partition: 3, low: '0', high: '1' },
    ]);
    expect(span.total).toBe(4);
    span.advance(0, '6');
    span.advance(3, '0');
    expect({ isRead: span.isRead(), unread: span.countUnread() }).toEqual({ isRead: false, unread: 1 });
    span.advance(0, '7');
    expect({ isRead: span.isRead(), unread: span.countUnread() }).toEqual({ isRead: true, unread: 0 });
  });

  it('selects no record twice and none that was added later', () => {
    const span = new OffsetSpan([{ partition: 0, low: '2', high: '6' }]);
    expect(offsetsOf(span.selectUnread(0, messages(2, 3, 4)))).toEqual([2, 3, 4]);
    span.advance(0, '4');
    expect(offsetsOf(span.selectUnread(0, messages(2, 3, 4, 5, 6, 7)))).toEqual([5]);
    expect(span.selectUnread(1, messages(2))).toEqual([]);
  });

  it('never moves backwards', () => {
    const span = new OffsetSpan([{ partition: 0, low: '0', high: '10' }]);
    span.advance(0, '4');
    span.advance(0, '2');
    span.advance(0, undefined);
    span.advance(9, '4');
    expect(span.countUnread()).toBe(5);
  });

  it('compares offsets beyond the exact integers of JavaScript', () => {
    const span = new OffsetSpan([{ partition: 0, low: '9223372036854775805', high: '9223372036854775807' }]);
    span.advance(0, '9223372036854775805');
    expect({ total: span.total, unread: span.countUnread() }).toEqual({ total: 2, unread: 1 });
  });
});
