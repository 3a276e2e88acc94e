import { randomUUID } from 'node:crypto';

import { expect } from '@jest/globals';

import type { KafkaClientName } from '../../../src/config/variables/kafka.variables.js';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';
import { committedOffset, makeTopic, produceRaw, type RawMessage } from '../../support/kafka/topics.js';
import type { ProxiedKafka } from '../../support/kafka/cluster.js';
import type { ReceivedMessage } from '../../support/kafka/subscriber.js';
import { OwnerDatabase } from '../../support/owner-database.js';
import { waitFor } from '../../support/processes.js';
import { settings, startService, type Service, type Settings } from '../../support/service.js';
import { ARRIVAL_MS, PARTITIONS, readAll, SESSION } from './topics.js';

export interface Account {
  readonly user: string;
  readonly install: string;
  readonly at: string;
  readonly name: string;
}

/** Holds a database, topics and a consumer group for one scene, and the services on them. */
export class Stage {
  readonly topic = `e2e-analytics-${randomUUID()}`;
  readonly identityTopic = `e2e-identity-${randomUUID()}`;
  /** Client library with which the services publish. */
  client: KafkaClientName = 'kafkajs';
  private readonly group = `e2e-group-${randomUUID()}`;
  private readonly running = new Set<Service>();

  private constructor(
    readonly kafka: ProxiedKafka,
    readonly database: TestDatabase,
    readonly owner: OwnerDatabase,
  ) {}

  static async open(kafka: ProxiedKafka): Promise<Stage> {
    const database = await createTestDatabase();
    return new Stage(kafka, database, await OwnerDatabase.connect(database.ownerUrl));
  }

  async close(): Promise<void> {
    await Promise.all([...this.running].map((service) => service.stop('SIGKILL')));
    await this.owner.close();
    await this.database.drop();
  }

  // --- Services ---

  settings(kafka: ProxiedKafka = this.kafka): Settings {
    return {
      ...settings({ databaseUrl: this.database.serviceUrl }),
      KAFKA_BROKERS: kafka.brokers,
      KAFKA_CLIENT: this.client,
      KAFKA_TOPIC_ANALYTICS: this.topic,
      KAFKA_TOPIC_IDENTITY: this.identityTopic,
      KAFKA_CONSUMER_GROUP: this.group,
      KAFKA_TOPIC_PARTITIONS: String(PARTITIONS),
    };
  }

  async start(kafka: ProxiedKafka = this.kafka, extra: Settings = {}): Promise<Service> {
    const service = await startService({ env: { ...this.settings(kafka), ...extra } });
    this.running.add(service);
    return service;
  }

  /** Stops the service with SIGTERM and expects exit code 0. */
  async stop(service: Service): Promise<void> {
    this.running.delete(service);
    const exitCode = await service.stop();
    if (exitCode !== 0) throw new Error(`The service ended with ${exitCode}; it wrote:\n${service.output()}`);
  }

  /** Kills the service with SIGKILL. */
  async kill(service: Service): Promise<void> {
    this.running.delete(service);
    expect(await service.stop('SIGKILL')).toBeNull();
  }

  // --- Outbox and published messages ---

  async number(sql: string, values: readonly unknown[] = []): Promise<number> {
    const [row] = await this.owner.rows(sql, values);
    return Number(Object.values(row ?? {})[0]);
  }

  /** Counts the session events in the outbox; other event types come and go. */
  waiting(): Promise<number> {
    return this.number('SELECT count(*)::int FROM analytics_outbox WHERE type = $1', [SESSION]);
  }

  async waitingIds(): Promise<string[]> {
    return (await this.owner.rows('SELECT id::text FROM analytics_outbox')).map(({ id }) => String(id));
  }

  /** Waits until the brokers have acknowledged every accepted event. */
  async drained(): Promise<void> {
    await waitFor(
      async () => (await this.number('SELECT count(*)::int FROM analytics_outbox')) === 0,
      ARRIVAL_MS,
      { what: 'the outbox is empty', intervalMs: 100 },
    );
  }

  /** Returns all messages of the topic, in the order of each partition. */
  async published(kafka: ProxiedKafka = this.kafka): Promise<ReceivedMessage[]> {
    return (await readAll(kafka, this.topic)).map(({ payload, key, ...message }) => ({
      ...message,
      key: key ?? undefined,
      value: JSON.parse(payload ?? 'null') as unknown,
    }));
  }

  /** Returns the ids of the session events in the topic, duplicates included. */
  async sessionIds(): Promise<(string | undefined)[]> {
    const sessions = (await this.published()).filter(({ key }) => key === SESSION);
    return sessions.map(({ headers }) => headers['event-id']);
  }

  // --- The identity topic ---

  createIdentityTopic(): Promise<void> {
    return makeTopic(this.kafka.steadyBrokers, this.identityTopic);
  }

  produce(messages: readonly RawMessage[]): Promise<void> {
    return produceRaw(this.kafka.steadyBrokers, this.identityTopic, messages);
  }

  /** Returns the committed offset of each partition, 0 for a partition without messages. */
  async committed(): Promise<number[]> {
    const offsets: number[] = [];
    for (let partition = 0; partition < PARTITIONS; partition++) {
      offsets.push(
        Math.max(0, await committedOffset(this.kafka.brokers, this.group, this.identityTopic, partition)),
      );
    }
    return offsets;
  }

  /** Returns the accounts in the event log, ordered by user. */
  async accounts(): Promise<readonly Account[]> {
    const rows = await this.owner.rows(
      `SELECT user_id::text AS user, install_id AS install, event_time AS at, event_name AS name
       FROM analytics_event_log ORDER BY user_id, event_id`,
    );
    return rows.map(({ user, install, at, name }) => ({
      user: String(user),
      install: String(install),
      at: (at as Date).toISOString(),
      name: String(name),
    }));
  }
}
