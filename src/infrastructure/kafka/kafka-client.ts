import { Logger } from '@nestjs/common';
import { Kafka, logLevel, type Consumer, type SASLOptions } from 'kafkajs';
import type { KafkaConfig } from '../../config/kafka.config.js';
import { endsWithin } from '../../shared/utils/timeout.util.js';

/** An answer that takes longer counts as none. Producers tell the broker the same. */
export const REQUEST_TIMEOUT_MS = 5000;
const CLOSE_TIMEOUT_MS = 500;
const CONNECT_TIMEOUT_MS = 1000;
/** With TLS and SASL several round trips make a connection. */
const SECURE_CONNECT_TIMEOUT_MS = 3000;

const logger = new Logger('KafkaClient');

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

/** Waits a moment for a producer or an admin to disconnect; brokers forget by themselves one that does not. */
export async function disconnect(connection: { disconnect(): Promise<void> }): Promise<void> {
  await endsWithin(connection.disconnect(), CLOSE_TIMEOUT_MS).catch((error: unknown) => {
    logger.debug(`A connection to Kafka did not close cleanly: ${String(error)}`);
  });
}

/**
 * Has a running consumer end by itself, after what it is handling, as soon as `isEnded`: it commits, leaves its group,
 * disconnects and emits CRASH. It must not be told to disconnect instead. When that comes just as kafkajs (2.2.4) makes
 * new fetch loops, because a broker has gone, it stops the old ones only; the new ones spin without ever yielding, and
 * the process hangs.
 */
export function endFetching(consumer: Consumer, isEnded: () => boolean): void {
  consumer.on(consumer.events.FETCH_START, () => {
    if (isEnded()) throw new NoMoreFetches();
  });
}

class NoMoreFetches extends Error {
  override readonly name = 'NoMoreFetches';
  /** What kafkajs goes by. */
  readonly retriable = false;
}
