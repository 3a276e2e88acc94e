import { isIP } from 'node:net';
import type { BaseOptions, SASLMechanismValue } from '@platformatic/kafka';
import type { KafkaConfig } from '../../../config/kafka.config.js';
import { CLIENT_ID, connectTimeoutMsOf, REQUEST_TIMEOUT_MS } from '../kafka-client.js';

/** Returns the settings that all connections to Kafka share. */
export function platformaticOptions(config: KafkaConfig): BaseOptions {
  const { brokers, tls, sasl } = config;
  return {
    clientId: CLIENT_ID,
    bootstrapBrokers: shuffled(brokers),
    connectTimeout: connectTimeoutMsOf(config),
    requestTimeout: REQUEST_TIMEOUT_MS,
    timeout: REQUEST_TIMEOUT_MS,
    // An idempotent producer turns fewer into endless ones.
    retries: 2,
    retryDelay: 200,
    ...(tls !== null && { tls: { ...tls }, tlsServerName: !brokers.every(isAddress) }),
    ...(sasl !== null && {
      sasl: {
        mechanism: sasl.mechanism.toUpperCase() as SASLMechanismValue,
        username: sasl.username,
        password: sasl.password,
      },
    }),
  };
}

/** TLS sends the names of hosts only, not their addresses. */
function isAddress(broker: string): boolean {
  return isIP(broker.slice(0, broker.lastIndexOf(':')).replace(/^\[|\]$/g, '')) !== 0;
}

/** The library asks the first broker that accepts a connection, even one that never answers. */
function shuffled(brokers: readonly string[]): string[] {
  return brokers
    .map((broker) => ({ broker, order: Math.random() }))
    .sort((a, b) => a.order - b.order)
    .map(({ broker }) => broker);
}
