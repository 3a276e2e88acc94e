import { randomUUID } from 'node:crypto';

import { beforeAll, describe, it, jest } from '@jest/globals';

import { formatsOf } from '../../web/src/i18n/formats.js';
import { SERVICE_HEALTH_MESSAGES } from '../../web/src/panels/service-health/service-health-messages.js';
import { Deployment } from '../support/deployment.js';
import { startKafka, type ProxiedKafka } from '../support/kafka/cluster.js';
import { produceRaw } from '../support/kafka/topics.js';
import { failedAnswer, useDashboard } from '../support/page/dashboard.js';
import { cardOf } from '../support/page/reading.js';
import { startPostgresProxy, type PostgresProxy } from '../support/postgres-proxy/proxy.js';
import type { Service } from '../support/service.js';
import { useParts } from '../support/use-parts.js';

jest.setTimeout(180_000);

const open = useDashboard();
const health = SERVICE_HEALTH_MESSAGES.en;
const topic = `page-identity-${randomUUID()}`;
const MESSAGES = 3;

const parts = useParts();
let kafka: ProxiedKafka;
let postgres: PostgresProxy;
let service: Service;

beforeAll(async () => {
  const [deployment, cluster] = await Promise.all([
    parts.add(Deployment.create({ redis: true }), (each) => each.remove()),
    parts.add(startKafka(), (each) => each.stop()),
  ]);
  kafka = cluster;
  postgres = await parts.add(startPostgresProxy(deployment.database.serviceUrl), (proxy) => proxy.close());
  await produceRaw(kafka.steadyBrokers, topic, [{ key: 'other', value: '{}', partition: 0 }]);
  service = await parts.add(
    deployment.start({
      DATABASE_URL: postgres.through(deployment.database.serviceUrl),
      KAFKA_BROKERS: kafka.brokers,
      KAFKA_TOPIC_ANALYTICS: `page-analytics-${randomUUID()}`,
      KAFKA_TOPIC_IDENTITY: topic,
      KAFKA_CONSUMER_GROUP: `page-${randomUUID()}`,
    }),
    (each) => each.stop(),
  );
});

describe('a service with Kafka', () => {
  it('shows that the consumer is behind while its messages cannot be stored, and that it has caught up', async () => {
    const visit = await open({ url: service.url, tolerates: [failedAnswer(503)] });
    const line = (name: string) =>
      cardOf(visit, health.title).getByRole('listitem').filter({ hasText: name });
    await line('Kafka').getByText(health.up, { exact: true }).waitFor();
    await line(health.consumer).getByText(health.caughtUp).waitFor();

    postgres.mode = 'silent';
    postgres.silence();
    try {
      await produceRaw(kafka.steadyBrokers, topic, Array.from({ length: MESSAGES }, accountCreated));
      await line(health.consumer)
        .getByText(health.lag(formatsOf('en').count(MESSAGES)))
        .waitFor();
    } finally {
      postgres.mode = 'pass';
    }
    await line(health.consumer).getByText(health.caughtUp).waitFor();
  });
});

function accountCreated() {
  const value = { occurredAt: new Date().toISOString(), payload: { userId: '4711' } };
  return { key: 'user.account.created', value: JSON.stringify(value), partition: 0 };
}
