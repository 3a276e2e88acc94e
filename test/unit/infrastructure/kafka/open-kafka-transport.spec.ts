import { describe, expect, it } from '@jest/globals';
import { KafkaEventTransport } from '../../../../src/infrastructure/kafka/kafka-event-transport.js';
import { openKafkaTransport } from '../../../../src/infrastructure/kafka/open-kafka-transport.js';
import { PlatformaticEventTransport } from '../../../../src/infrastructure/kafka/platformatic/platformatic-event-transport.js';
import { kafkaConfigOf } from '../../../support/kafka/config.js';

describe('openKafkaTransport()', () => {
  it.each([
    ['kafkajs', KafkaEventTransport],
    ['platformatic', PlatformaticEventTransport],
  ] as const)('returns the transport of the configured client: %s', async (client, adapter) => {
    expect(await openKafkaTransport(kafkaConfigOf('unused:9092', { client }))).toBeInstanceOf(adapter);
  });
});
