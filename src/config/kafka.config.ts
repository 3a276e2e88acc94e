import { readPemFiles, type TlsFiles } from './pem-files.js';
import { splitList } from './split-list.js';
import type { Environment } from './variables/catalogue.js';
import type { KafkaSaslMechanism } from './variables/kafka-security.variables.js';
import type { KafkaCompression } from './variables/kafka.variables.js';

export interface KafkaConfig {
  readonly brokers: readonly string[];
  /** Null means plain TCP. */
  readonly tls: TlsFiles | null;
  readonly sasl: {
    readonly mechanism: KafkaSaslMechanism;
    readonly username: string;
    readonly password: string;
  } | null;
  readonly compression: KafkaCompression;
  /** Topic of published events. */
  readonly topicAnalytics: string;
  /** Consumed topic; its dead letters go to the topic of this name followed by `.dlq`. */
  readonly topicIdentity: string;
  readonly consumerGroup: string;
  /** Settings of the topics that the service creates. */
  readonly newTopics: {
    readonly partitions: number;
    /** −1 means the default of the broker. */
    readonly replicationFactor: number;
  };
}

/**
 * Returns null when Kafka is off.
 *
 * @throws when a PEM file cannot be read
 */
export function kafkaConfig(env: Environment): KafkaConfig | null {
  if (env.KAFKA_BROKERS === undefined) return null;
  return {
    brokers: splitList(env.KAFKA_BROKERS),
    tls: env.KAFKA_SSL ? tls(env) : null,
    sasl: sasl(env),
    compression: env.KAFKA_COMPRESSION,
    topicAnalytics: env.KAFKA_TOPIC_ANALYTICS,
    topicIdentity: env.KAFKA_TOPIC_IDENTITY,
    consumerGroup: env.KAFKA_CONSUMER_GROUP,
    newTopics: {
      partitions: env.KAFKA_TOPIC_PARTITIONS,
      replicationFactor: env.KAFKA_TOPIC_REPLICATION_FACTOR,
    },
  };
}

function tls(env: Environment): TlsFiles {
  return readPemFiles({
    ca: env.KAFKA_SSL_CA_FILE,
    cert: env.KAFKA_SSL_CERT_FILE,
    key: env.KAFKA_SSL_KEY_FILE,
  });
}

function sasl(env: Environment): KafkaConfig['sasl'] {
  const {
    KAFKA_SASL_MECHANISM: mechanism,
    KAFKA_SASL_USERNAME: username,
    KAFKA_SASL_PASSWORD: password,
  } = env;
  if (mechanism === undefined || username === undefined || password === undefined) return null;
  return { mechanism, username, password };
}
