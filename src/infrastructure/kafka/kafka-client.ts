import { Logger } from '@nestjs/common';
import kafkajs, {
  CompressionTypes,
  Kafka,
  logLevel,
  type Consumer,
  type KafkaConfig as KafkaOptions,
  type SASLOptions,
} from 'kafkajs';
import type { KafkaConfig } from '../../config/kafka.config.js';
import { endsWithin } from '../../shared/utils/timeout.util.js';
import { gzipCodec } from './gzip-codec.js';
import { KafkaSockets } from './kafka-sockets.js';
import { useFastRecords } from './kafkajs-records.js';

/** Names the service in the logs and quotas of the brokers. */
export const CLIENT_ID = 'analytics-presence-service';
/** Limits the wait for an answer; producers pass it to the broker as well. */
export const REQUEST_TIMEOUT_MS = 5000;
const CLOSE_TIMEOUT_MS = 500;
const CONNECT_TIMEOUT_MS = 1000;
/** Allows for the additional round trips of TLS and SASL. */
const SECURE_CONNECT_TIMEOUT_MS = 3000;

const logger = new Logger('KafkaClient');

// Node finds no named export for the codecs.
kafkajs.CompressionCodecs[CompressionTypes.GZIP] = () => gzipCodec;
if (!useFastRecords())
  logger.warn('This version of kafkajs encodes records by itself, at several times the CPU');

/** Makes kafkajs clients; each of them has connections of its own. */
export type KafkaClient = Pick<Kafka, 'producer' | 'consumer' | 'admin'>;

/**
 * Returns clients with the settings that all connections to Kafka share.
 * A request that times out drops the client's connections that have not answered lately.
 */
export function createKafkaClient(config: KafkaConfig): KafkaClient {
  const options = optionsOf(config);
  const connect = (): { kafka: Kafka; dropSilent: () => void } => {
    // Requests time out one after another; half of the limit finds those that are about to.
    const sockets = new KafkaSockets(REQUEST_TIMEOUT_MS / 2);
    return {
      kafka: new Kafka({ ...options, socketFactory: sockets.open }),
      dropSilent: () => {
        sockets.dropSilent();
      },
    };
  };
  return {
    producer: (producerOptions) => {
      const { kafka, dropSilent } = connect();
      const producer = kafka.producer(producerOptions);
      producer.on(producer.events.REQUEST_TIMEOUT, dropSilent);
      return producer;
    },
    consumer: (consumerOptions) => {
      const { kafka, dropSilent } = connect();
      const consumer = kafka.consumer(consumerOptions);
      consumer.on(consumer.events.REQUEST_TIMEOUT, dropSilent);
      return consumer;
    },
    admin: (adminOptions) => {
      const { kafka, dropSilent } = connect();
      const admin = kafka.admin(adminOptions);
      admin.on(admin.events.REQUEST_TIMEOUT, dropSilent);
      return admin;
    },
  };
}

function optionsOf({ brokers, tls, sasl }: KafkaConfig): KafkaOptions {
  return {
    clientId: CLIENT_ID,
    brokers: [...brokers],
    connectionTimeout: connectTimeoutMsOf({ tls, sasl }),
    authenticationTimeout: REQUEST_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    ...(tls !== null && { ssl: { ...tls } }),
    // The type of kafkajs requires a mechanism that is known at compile time.
    ...(sasl !== null && { sasl: { ...sasl } as SASLOptions }),
    retry: { retries: 2, initialRetryTime: 200, maxRetryTime: 1000 },
    // Errors are thrown, and the caller logs them once.
    logLevel: logLevel.NOTHING,
  };
}

export function connectTimeoutMsOf({ tls, sasl }: Pick<KafkaConfig, 'tls' | 'sasl'>): number {
  return tls === null && sasl === null ? CONNECT_TIMEOUT_MS : SECURE_CONNECT_TIMEOUT_MS;
}

/** Disconnects a producer or an admin within a time limit; brokers close connections that stay open. */
export async function disconnect(connection: { disconnect(): Promise<void> }): Promise<void> {
  await endsWithin(connection.disconnect(), CLOSE_TIMEOUT_MS).catch((error: unknown) => {
    logger.debug(`A connection to Kafka did not close cleanly: ${String(error)}`);
  });
}

/**
 * Ends a running consumer after its current batch as soon as `isEnded`; it then leaves its group and emits CRASH.
 * ADR 0009 says why `disconnect()` must not be called instead.
 */
export function endFetching(consumer: Consumer, isEnded: () => boolean): void {
  consumer.on(consumer.events.FETCH_START, () => {
    if (isEnded()) throw new NoMoreFetches();
  });
}

class NoMoreFetches extends Error {
  override readonly name = 'NoMoreFetches';
  /** Tells kafkajs not to repeat the fetch. */
  readonly retriable = false;
}
