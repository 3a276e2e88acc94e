import type { KafkaMessage } from 'kafkajs';

export interface PartitionOffsets {
  readonly partition: number;
  readonly low: string;
  /** Offset after the last record. */
  readonly high: string;
}

/** Tracks which records of a topic are still unread; a consumer that joins its group again delivers some twice. */
export class OffsetSpan {
  readonly total: number;
  private readonly unreadByPartition = new Map<number, { next: bigint; readonly end: bigint }>();

  constructor(offsets: readonly PartitionOffsets[]) {
    for (const { partition, low, high } of offsets) {
      const [next, end] = [BigInt(low), BigInt(high)];
      if (next < end) this.unreadByPartition.set(partition, { next, end });
    }
    this.total = this.countUnread();
  }

  /** Returns the messages that are in the span and were not read before. */
  selectUnread(partition: number, messages: readonly KafkaMessage[]): readonly KafkaMessage[] {
    const unread = this.unreadByPartition.get(partition);
    if (unread === undefined) return [];
    return messages.filter(({ offset }) => BigInt(offset) >= unread.next && BigInt(offset) < unread.end);
  }

  /** Marks all records up to `lastOffset` as read; does nothing when it is undefined. */
  advance(partition: number, lastOffset: string | undefined): void {
    const unread = this.unreadByPartition.get(partition);
    if (unread === undefined || lastOffset === undefined) return;
    if (BigInt(lastOffset) >= unread.next) unread.next = BigInt(lastOffset) + 1n;
    if (unread.next >= unread.end) this.unreadByPartition.delete(partition);
  }

  isRead(): boolean {
    return this.unreadByPartition.size === 0;
  }

  countUnread(): number {
    return [...this.unreadByPartition.values()].reduce((sum, { next, end }) => sum + Number(end - next), 0);
  }
}
