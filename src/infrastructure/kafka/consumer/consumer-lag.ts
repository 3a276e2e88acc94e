import { consumerLagMessages } from '../../../shared/metrics/metrics.js';

/** Publishes the lag of the partitions that this replica consumes. */
export class ConsumerLag {
  private readonly partitions = new Set<number>();

  constructor(private readonly topic: string) {}

  record(partition: number, messages: number): void {
    consumerLagMessages.set({ topic: this.topic, partition }, messages);
    this.partitions.add(partition);
  }

  /** Removes all values: after a rebalance other replicas report these partitions. */
  clear(): void {
    for (const partition of this.partitions) consumerLagMessages.remove({ topic: this.topic, partition });
    this.partitions.clear();
  }
}
