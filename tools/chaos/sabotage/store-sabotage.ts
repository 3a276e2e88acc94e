import { randomUUID } from 'node:crypto';
import { clientOf } from '../../../test/support/kafka/client.js';
import { shanghaiDay } from '../../simulation/bookkeeping/shanghai-day.js';
import type { Stage } from '../stage/stage.js';
import type { SeededFault } from './sabotage.js';

const TOPIC = 'analytics-events';

/** Faults of what is on Kafka and in Redis. */
export const STORE_SABOTAGE: readonly SeededFault[] = [
  {
    commits: 'publishes a session that is not stored',
    checks: ['no session is published that is not stored'],
    afterLoad: async ({ stage }) => {
      const payload = {
        userId: null,
        installId: 'nobody',
        occurredAt: new Date(0).toISOString(),
        metadata: {},
      };
      await publish(stage, 'analytics.session.started', payload);
    },
  },
  {
    commits: 'publishes another figure of a calculated day',
    checks: ['dau.calculated equals the stored version'],
    afterLoad: async ({ stage }) => {
      await publish(stage, 'analytics.dau.calculated', { day: '2020-01-01', dauCount: 1, version: 1 });
    },
  },
  {
    commits: 'counts users live that it did not see',
    checks: ['live DAU lies within its error', 'audit is clean'],
    afterLoad: async ({ stage }) => {
      const members = Array.from({ length: 500 }, () => randomUUID());
      await stage.redis.command(['PFADD', `analytics:dau:${shanghaiDay(Date.now())}`, ...members]);
    },
  },
  {
    commits: 'neither records an identity message nor puts it among the dead letters',
    checks: ['every malformed identity message is a dead letter'],
    // To the run, a consumer that skips a message looks like one that never got it.
    afterLoad: async ({ recorder }) => {
      recorder.addAccount({ userId: 'malformed-skipped', isAcknowledged: true, isMalformed: true });
    },
  },
];

async function publish({ kafka }: Stage, eventType: string, payload: object): Promise<void> {
  const producer = clientOf(kafka.brokers).producer();
  await producer.connect();
  const value = JSON.stringify({ eventType, payload, occurredAt: new Date(0).toISOString() });
  const headers = { 'event-id': randomUUID(), 'event-type': eventType, 'content-type': 'application/json' };
  await producer.send({ topic: TOPIC, messages: [{ key: eventType, value, headers }] });
  await producer.disconnect();
}
