import kafkajs, { type AclEntry, type AclOperationTypes, type AclPermissionTypes } from 'kafkajs';
import type { ApacheKafka } from '../../../test/support/kafka/apache/cluster.js';
import { leaderOf, withAdminOf } from '../../../test/support/kafka/apache/placement.js';
import { REPLICAS } from '../stage/kafka-store.js';
import { moveLeaders } from '../stage/kafka-leaders.js';
import { NOTHING_TO_HEAL, type FaultAction } from './fault-action.js';

const TOPIC = 'analytics-events';

/** Faults of the brokers. */
export const KAFKA_FAULTS = {
  'kafka.freeze': async ({ stage: { kafka } }) => {
    kafka.freeze();
    return async () => {
      kafka.resume();
    };
  },
  'kafka.crash': async ({ stage: { kafka } }) => {
    const leader = await leaderOf(kafka.cluster, TOPIC);
    await leader.kill();
    return () => leader.restart();
  },
  'kafka.crash-all': async ({ stage: { kafka } }) => {
    const { nodes } = kafka.cluster;
    await Promise.all(nodes.map((node) => node.kill()));
    return async () => {
      await Promise.all(nodes.map((node) => node.restart()));
    };
  },
  // The restart kills a broker that has not ended until then.
  'kafka.stop': async ({ stage: { kafka } }) => {
    const leader = await leaderOf(kafka.cluster, TOPIC);
    leader.terminate();
    return () => leader.restart();
  },
  'kafka.freeze-leader': async ({ stage: { kafka } }) => {
    const leader = await leaderOf(kafka.cluster, TOPIC);
    leader.pause();
    return async () => {
      leader.resume();
    };
  },
  'kafka.move-leaders': async ({ stage: { kafka } }) => {
    await moveLeaders(kafka.cluster, TOPIC);
    return NOTHING_TO_HEAL;
  },
  'kafka.no-rights': async ({ stage: { kafka } }) => {
    await forbidWrites(kafka.cluster);
    return () => allowWrites(kafka.cluster);
  },
} as const satisfies Record<string, FaultAction>;

/** A topic with one rule allows nothing else, so a second rule allows what is not writing. */
const RULES: AclEntry[] = [
  rule(kafkajs.AclOperationTypes.WRITE, kafkajs.AclPermissionTypes.DENY),
  rule(kafkajs.AclOperationTypes.ALL, kafkajs.AclPermissionTypes.ALLOW),
];

function rule(operation: AclOperationTypes, permissionType: AclPermissionTypes): AclEntry {
  return {
    resourceType: kafkajs.AclResourceTypes.TOPIC,
    resourceName: TOPIC,
    resourcePatternType: kafkajs.ResourcePatternTypes.LITERAL,
    principal: REPLICAS,
    host: '*',
    operation,
    permissionType,
  };
}

async function forbidWrites(kafka: ApacheKafka): Promise<void> {
  await withAdminOf(kafka, (admin) => admin.createAcls({ acl: RULES }));
}

async function allowWrites(kafka: ApacheKafka): Promise<void> {
  await withAdminOf(kafka, (admin) => admin.deleteAcls({ filters: RULES }));
}
