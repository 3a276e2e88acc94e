import type { ApacheKafka } from '../../../test/support/kafka/apache/cluster.js';
import { partitionsOf, withAdminOf } from '../../../test/support/kafka/apache/placement.js';
import { waitFor } from '../../../test/support/processes.js';

const MOVED_WITHIN_MS = 20_000;

/**
 * Makes another broker the leader of each partition of a topic, as an operator does: the leader's copy is removed, and
 * made again afterwards.
 */
export async function moveLeaders(kafka: ApacheKafka, topic: string): Promise<void> {
  const before = await partitionsOf(kafka, topic);
  const former = new Map(before.map(({ partitionId, leader }) => [partitionId, leader]));
  await assign(kafka, topic, (partition) =>
    kafka.nodes.map(({ id }) => id).filter((id) => id !== former.get(partition)),
  );
  await waitFor(
    async () =>
      (await partitionsOf(kafka, topic)).every(
        ({ partitionId, leader, replicas }) =>
          leader >= 0 && leader !== former.get(partitionId) && replicas.length === kafka.nodes.length - 1,
      ),
    MOVED_WITHIN_MS,
    { what: `other brokers lead ${topic}`, intervalMs: 200 },
  );
  await assign(kafka, topic, (partition) => {
    const old = former.get(partition);
    return [
      ...kafka.nodes.map(({ id }) => id).filter((id) => id !== old),
      ...(old === undefined ? [] : [old]),
    ];
  });
}

async function assign(
  kafka: ApacheKafka,
  topic: string,
  replicasOf: (partition: number) => number[],
): Promise<void> {
  const partitions = await partitionsOf(kafka, topic);
  await withAdminOf(kafka, (admin) =>
    admin.alterPartitionReassignments({
      topics: [
        {
          topic,
          partitionAssignment: partitions.map(({ partitionId }) => ({
            partition: partitionId,
            replicas: replicasOf(partitionId),
          })),
        },
      ],
    }),
  );
}
