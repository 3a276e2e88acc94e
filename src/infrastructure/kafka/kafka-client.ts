import { Kafka, logLevel, type SASLOptions } from 'kafkajs';
import type { KafkaConfig } from '../../config/kafka.config.js';

/** An answer that takes longer counts as none. Producers tell the broker the same. */
export const REQUEST_TIMEOUT_MS = 5000;
const CONNECT_TIMEOUT_MS = 1000;
/** With TLS and SASL several round trips make a connection. */
const SECURE_CONNECT_TIMEOUT_MS = 3000;

/** All our connections to Kafka are made alike. */
export function createKafkaClient(config: KafkaConfig): Kafka {
  const { tls, sasl } = config;
  return new Kafka({
    clientId: 'analytics-presence-service',
    brokers: [...config.brokers],
    connectionTimeout: tls === null && sasl === null ? CONNECT_TIMEOUT_MS : SECURE_CONNECT_TIMEOUT_MS,
    authenticationTimeout: REQUEST_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    ...(tls !== null && { ssl: { ...tls } }),
    // Its type wants a mechanism known when this was compiled.
    ...(sasl !== null && { sasl: { ...sasl } as SASLOptions }),
    retry: { retries: 2, initialRetryTime: 200, maxRetryTime: 1000 },
    // What goes wrong is thrown, and logged once by whoever asked.
    logLevel: logLevel.NOTHING,
  });
}
