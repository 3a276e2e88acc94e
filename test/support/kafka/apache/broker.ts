import { join } from 'node:path';

import { startGuarded, waitFor, type GuardedProcess } from '../../processes.js';
import { clientOf } from '../client.js';

/** Starts a broker with a small heap. It ends with the test run, without an orderly shutdown. */
export async function startBroker(
  jars: string,
  properties: string,
  directory: string,
): Promise<GuardedProcess> {
  return startGuarded({
    command: 'java',
    args: [
      // The client compiler suffices for a broker that lives for minutes, and starts twice as fast.
      ...['-Xms64m', '-Xmx256m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'],
      ...['-cp', join(jars, '*'), 'kafka.Kafka', properties],
    ],
    directory,
    stopSignal: 'SIGKILL',
  });
}

/** Waits until that many brokers have joined the cluster, each partition has a leader, and groups a coordinator. */
export async function waitUntilRegistered(brokers: string, count: number): Promise<void> {
  const admin = clientOf(brokers).admin();
  try {
    await waitFor(
      async () => {
        await admin.connect();
        if ((await admin.describeCluster()).brokers.length < count) return false;
        // Rejects while a partition of any topic is without a leader.
        await admin.fetchTopicMetadata();
        return true;
      },
      60_000,
      { what: `${count} brokers of Apache Kafka`, intervalMs: 100 },
    );
    // The first request for a group creates the topic of offsets.
    await waitFor(() => admin.fetchOffsets({ groupId: 'first-of-cluster' }), 60_000, {
      what: 'a coordinator of consumer groups',
      intervalMs: 100,
    });
  } finally {
    await admin.disconnect();
  }
}
