import { randomUUID } from 'node:crypto';

import { Logger } from '@nestjs/common';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  AclOperationTypes,
  AclPermissionTypes,
  AclResourceTypes,
  ResourcePatternTypes,
  type AclEntry,
} from 'kafkajs';

import type { KafkaConfig } from '../../../src/config/kafka.config.js';
import type { TlsFiles } from '../../../src/config/pem-files.js';
import { deadLetterTopicOf } from '../../../src/infrastructure/kafka/dead-letters/dead-letter.js';
import { KafkaDeadLetters } from '../../../src/infrastructure/kafka/dead-letters/kafka-dead-letters.js';
import { EventConsumerService } from '../../../src/infrastructure/kafka/event-consumer.service.js';
import { SystemClock } from '../../../src/infrastructure/system/system-clock.js';
import { outboundMessage } from '../../support/builders.js';
import { makeCertificates, tlsFilesOf } from '../../support/certificates.js';
import { KAFKA_TRANSPORTS } from '../../support/contracts/event-transport/kafka-transports.js';
import { poison } from '../../support/event-consumer/scene.js';
import { rejectionOf } from '../../support/failures.js';
import { startApacheKafka, type ApacheKafka } from '../../support/kafka/apache/cluster.js';
import { kafkaJars } from '../../support/kafka/apache/jars.js';
import { withAdminOf } from '../../support/kafka/apache/placement.js';
import { SentMessages } from '../../support/kafka/apache/stored-messages.js';
import { kafkaConfigOf } from '../../support/kafka/config.js';
import { EVERY_DEAD_LETTER } from '../../support/kafka/dead-letter-topics.js';
import { documentedRights } from '../../support/kafka/documented-rights.js';
import { lengthOf, makeTopic, produceRaw } from '../../support/kafka/topics.js';
import { waitFor } from '../../support/processes.js';

// These tests cause outages, whose warnings would hide other output.
Logger.overrideLogger(false);

/** These scenes need a broker that checks logins and rights, which the mock cluster does not. */
const describeOnApacheKafka = kafkaJars() === null ? describe.skip : describe;

const { TOPIC, CLUSTER } = AclResourceTypes;
const { DESCRIBE, WRITE } = AclOperationTypes;

interface Right {
  readonly type: AclResourceTypes;
  readonly name: string;
  readonly operations: readonly AclOperationTypes[];
  readonly isPrefix?: boolean;
}

/** Returns the rights that docs/events/README.md names, for the topics and the group of a configuration. */
function documented(config: KafkaConfig, caller: 'service' | 'replay'): Right[] {
  return documentedRights().map(({ type, name, isPrefix, [caller]: operations }) => ({
    type,
    name: name
      .replace(/^analytics-events/, config.topicAnalytics)
      .replace(/^identity-events/, config.topicIdentity)
      .replace(/^analytics-presence-group/, config.consumerGroup),
    operations,
    isPrefix,
  }));
}

describeOnApacheKafka('a broker of Apache Kafka with TLS, SASL and access rules', () => {
  const sasl = { username: 'analytics', password: 'secret-of-the-tests' };
  const removals: (() => Promise<void>)[] = [];
  let kafka: ApacheKafka;
  let tls: Required<TlsFiles>;

  beforeAll(async () => {
    const certificates = await makeCertificates(true, removals);
    const { keyAndCertificateFile, certFile } = certificates;
    tls = tlsFilesOf(certificates);
    kafka = await startApacheKafka({
      secured: { tls: { keyAndCertificateFile, clientAuthorityFile: String(certFile) }, sasl },
      properties: {
        'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
        'super.users': 'User:ANONYMOUS',
      },
    });
  }, 120_000);

  afterAll(async () => {
    await kafka.stop();
    for (const remove of removals) await remove();
  });

  type Mechanism = 'plain' | 'scram-sha-256' | 'scram-sha-512';

  const configOf = (mechanism: Mechanism, password = sasl.password): KafkaConfig =>
    kafkaConfigOf(kafka.securedBrokers ?? '', {
      tls,
      sasl: { mechanism, username: sasl.username, password },
    });

  function rulesOf(rights: readonly Right[]): AclEntry[] {
    return rights.flatMap(({ type, name, operations, isPrefix = false }) =>
      operations.map((operation) => ({
        resourceType: type,
        resourceName: name,
        resourcePatternType: isPrefix ? ResourcePatternTypes.PREFIXED : ResourcePatternTypes.LITERAL,
        principal: `User:${sasl.username}`,
        host: '*',
        operation,
        permissionType: AclPermissionTypes.ALLOW,
      })),
    );
  }

  async function allow(...rights: readonly Right[]): Promise<void> {
    await withAdminOf(kafka, (admin) => admin.createAcls({ acl: rulesOf(rights) }));
  }

  /** Takes rights away, and returns once the broker has heard of it. */
  async function revoke(...rights: readonly Right[]): Promise<void> {
    await withAdminOf(kafka, async (admin) => {
      await admin.deleteAcls({ filters: rulesOf(rights) });
      for (const rule of rulesOf(rights))
        await waitFor(async () => (await admin.describeAcls(rule)).resources.length === 0);
    });
  }

  describe.each(KAFKA_TRANSPORTS)('to which $client publishes', ({ open }) => {
    it.each(['plain', 'scram-sha-256', 'scram-sha-512'] as const)(
      'accepts messages of a client that has a certificate, authenticates with %s and has rights, and no other',
      async (mechanism) => {
        const config = configOf(mechanism);
        const name = config.topicAnalytics;
        const transport = open(config);
        const channel = transport.openChannel();
        await makeTopic(kafka.brokers, name);
        expect(String(await rejectionOf(channel.send([outboundMessage()])))).toMatch(/authoriz/i);
        await allow({ type: TOPIC, name, operations: [DESCRIBE] });
        await waitFor(async () => /authoriz/i.test(String(await rejectionOf(transport.check()))), 20_000, {
          what: 'the check names the missing right to write',
        });
        expect(String(await rejectionOf(channel.send([outboundMessage()])))).toMatch(/authoriz/i);
        await allow({ type: TOPIC, name, operations: [WRITE] });
        const sent = new SentMessages(channel);
        await sent.send(1);
        await transport.check();
        await channel.close();
        await sent.expectStored(kafka, name);

        const stranger = open(configOf(mechanism, 'wrong')).openChannel();
        expect(String(await rejectionOf(stranger.send([outboundMessage()])))).toMatch(/auth/i);
        await stranger.close();

        const bare = open({ ...config, tls: { ca: tls.ca } }).openChannel();
        expect(await rejectionOf(bare.send([outboundMessage()]))).toBeInstanceOf(Error);
        await bare.close();
      },
    );

    it('logs the command for a topic that it may not create, and creates it with that right', async () => {
      const config = configOf('plain');
      const name = config.topicAnalytics;
      const rights = documented(config, 'service');
      const creation = rights.filter(({ type }) => type === CLUSTER);
      await allow(...rights.filter((right) => right.name === name));
      const lines: string[] = [];
      const unused = (): void => undefined;
      const warn = (text: string): unknown => lines.push(text);
      Logger.overrideLogger({ log: unused, error: unused, debug: unused, warn });
      try {
        const refused = open(config).openChannel();
        expect(await rejectionOf(refused.send([outboundMessage()]))).toBeInstanceOf(Error);
        await refused.close();
        expect(lines).toContainEqual(
          expect.stringMatching(
            new RegExp(`^Topic ${name} does not exist and could not be created.* --create --topic ${name}`),
          ),
        );
        await allow(...creation);
        const channel = open(config).openChannel();
        const sent = new SentMessages(channel);
        await sent.send(1);
        await channel.close();
        await sent.expectStored(kafka, name);
      } finally {
        await revoke(...creation);
        Logger.overrideLogger(false);
      }
    });

    it('refuses a client that trusts another authority', async () => {
      const channel = open({ ...configOf('plain'), tls: { cert: tls.cert, key: tls.key } }).openChannel();
      expect(String(await rejectionOf(channel.send([outboundMessage()])))).toMatch(/certificate/i);
      await channel.close();
    });
  });

  it('lets the service consume, and replay dead letters, with the rights that docs/events/README.md names', async () => {
    const config = configOf('scram-sha-512');
    const { topicIdentity: identity } = config;
    const deadLetters = deadLetterTopicOf(identity);
    await makeTopic(kafka.brokers, identity);
    await makeTopic(kafka.brokers, deadLetters);
    await allow(...documented(config, 'service').filter(({ type }) => type !== CLUSTER));
    const values: string[] = [];
    const consumer = new EventConsumerService(config, new SystemClock());
    consumer.start(({ value }) => {
      const text = String(value);
      values.push(text);
      if (text === 'poison' && values.length <= 2) return Promise.reject(poison());
      return Promise.resolve('handled');
    });
    try {
      await produceRaw(kafka.brokers, identity, [
        { key: 'key', value: 'account', partition: 0 },
        { key: 'key', value: 'poison', partition: 0 },
      ]);
      await waitFor(async () => (await lengthOf(kafka.brokers, deadLetters)) === 1, 60_000, {
        what: 'the dead letter',
      });
      await allow(...documented(config, 'replay'));
      const replay = new KafkaDeadLetters(config, randomUUID()).replay(EVERY_DEAD_LETTER, {
        dryRun: false,
        signal: new AbortController().signal,
        onSelected: () => undefined,
      });
      expect(await replay).toMatchObject({ ended: 'complete', replayed: 1 });
      await waitFor(() => values.length >= 3, 30_000, { what: 'the replayed message' });
      expect(values).toEqual(['account', 'poison', 'poison']);
      expect(await lengthOf(kafka.brokers, deadLetters)).toBe(1);
    } finally {
      await consumer.beforeApplicationShutdown();
    }
  }, 120_000);
});
