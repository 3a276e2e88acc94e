import type { Admin, PartitionMetadata } from 'kafkajs';

import { waitFor } from '../../processes.js';
import { clientOf } from '../client.js';
import type { ApacheBroker, ApacheKafka } from './cluster.js';

/** Runs work with an admin connection in plain text. */
export async function withAdminOf<T>(kafka: ApacheKafka, work: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = clientOf(kafka.brokers).admin();
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.disconnect();
  }
}

export function partitionsOf(kafka: ApacheKafka, topic: string): Promise<PartitionMetadata[]> {
  return withAdminOf(kafka, async (admin) => {
    const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
    return topics[0]?.partitions ?? [];
  });
}

/** Returns the leader of the first partition. */
export async function leaderOf(kafka: ApacheKafka, topic: string): Promise<ApacheBroker> {
  const [partition] = await partitionsOf(kafka, topic);
  return nodeOf(kafka, partition?.leader);
}

/** Returns a broker that has a copy of the first partition and does not lead it. */
export async function followerOf(kafka: ApacheKafka, topic: string): Promise<ApacheBroker> {
  const [partition] = await partitionsOf(kafka, topic);
  return nodeOf(
    kafka,
    partition?.replicas.find((replica) => replica !== partition.leader),
  );
}

/** Returns the broker that coordinates a consumer group. */
export async function coordinatorOf(kafka: ApacheKafka, groupId: string): Promise<ApacheBroker> {
  const partitions = await partitionsOf(kafka, '__consumer_offsets');
  const own = partitions.find(
    ({ partitionId }) => partitionId === Math.abs(javaHashOf(groupId)) % partitions.length,
  );
  return nodeOf(kafka, own?.leader);
}

/** Takes the replica of each partition from its leader, so that another broker leads it; none is stopped. */
export async function moveLeaders(kafka: ApacheKafka, topic: string): Promise<void> {
  const before = await partitionsOf(kafka, topic);
  await withAdminOf(kafka, (admin) =>
    admin.alterPartitionReassignments({
      topics: [
        {
          topic,
          partitionAssignment: before.map(({ partitionId, leader, replicas }) => ({
            partition: partitionId,
            replicas: replicas.filter((replica) => replica !== leader),
          })),
        },
      ],
    }),
  );
  const old = new Map(before.map(({ partitionId, leader }) => [partitionId, leader]));
  await waitFor(
    async () =>
      (await partitionsOf(kafka, topic)).every(
        ({ partitionId, leader, replicas }) =>
          leader >= 0 && leader !== old.get(partitionId) && replicas.length === 2,
      ),
    30_000,
    { what: `other brokers lead ${topic}` },
  );
}

/** Deletes a topic and waits until no broker lists it. */
export async function deleteTopic(kafka: ApacheKafka, topic: string): Promise<void> {
  await withAdminOf(kafka, (admin) => admin.deleteTopics({ topics: [topic] }));
  for (const { address } of kafka.nodes) {
    const admin = clientOf(address).admin();
    await admin.connect();
    await waitFor(async () => !(await admin.listTopics()).includes(topic), 20_000).finally(() =>
      admin.disconnect(),
    );
  }
}

export async function addPartitions(kafka: ApacheKafka, topic: string, count: number): Promise<void> {
  await withAdminOf(kafka, (admin) => admin.createPartitions({ topicPartitions: [{ topic, count }] }));
  await waitFor(async () => {
    const partitions = await partitionsOf(kafka, topic);
    return partitions.length === count && partitions.every(({ leader }) => leader >= 0);
  }, 20_000);
}

/** Returns the hash by which Apache Kafka assigns a group to a partition of its offsets. */
function javaHashOf(text: string): number {
  let hash = 0;
  for (const unit of text.split('')) hash = (Math.imul(hash, 31) + unit.charCodeAt(0)) | 0;
  return hash;
}

function nodeOf(kafka: ApacheKafka, id: number | undefined): ApacheBroker {
  const node = kafka.nodes.find((one) => one.id === id);
  if (node === undefined) throw new Error(`The cluster has no broker ${id}`);
  return node;
}
