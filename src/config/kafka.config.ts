import { readFileSync } from 'node:fs';
import type { Environment, KafkaCompression, KafkaSaslMechanism } from './environment.js';

export interface KafkaConfig {
  readonly brokers: readonly string[];
  /** Null: plain TCP. PEM texts; without a CA the system's are trusted, without a certificate none is shown. */
  readonly tls: { readonly ca?: string; readonly cert?: string; readonly key?: string } | null;
  readonly sasl: {
    readonly mechanism: KafkaSaslMechanism;
    readonly username: string;
    readonly password: string;
  } | null;
  readonly compression: KafkaCompression;
  /** What is published. */
  readonly topicAnalytics: string;
  /** What is consumed. Its dead letters go to the topic of this name with `.dlq` behind. */
  readonly topicIdentity: string;
  readonly consumerGroup: string;
  /** Of topics that do not exist yet. */
  readonly newTopics: {
    readonly partitions: number;
    /** −1: as the broker has it. */
    readonly replicationFactor: number;
  };
}

/** Null: events are published to the log, and nothing is consumed. @throws when a file of TLS cannot be read */
export function kafkaConfig(env: Environment): KafkaConfig | null {
  if (env.KAFKA_BROKERS === undefined) return null;
  return {
    brokers: env.KAFKA_BROKERS.split(','),
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

/** What the checks of single variables cannot see. */
export function kafkaProblems(env: Environment): string[] {
  const problems: string[] = [];
  const given = (...names: (keyof Environment)[]): (keyof Environment)[] =>
    names.filter((name) => env[name] !== undefined);
  const files = given('KAFKA_SSL_CA_FILE', 'KAFKA_SSL_CERT_FILE', 'KAFKA_SSL_KEY_FILE');
  if (!env.KAFKA_SSL && files.length > 0) {
    problems.push(`${files.join(', ')}: without effect unless KAFKA_SSL is true`);
  }
  if ((env.KAFKA_SSL_CERT_FILE === undefined) !== (env.KAFKA_SSL_KEY_FILE === undefined)) {
    problems.push('KAFKA_SSL_CERT_FILE and KAFKA_SSL_KEY_FILE belong together: set both or none');
  }
  for (const name of files) {
    const path = env[name] as string;
    try {
      readFileSync(path);
    } catch (error) {
      problems.push(
        `${name} names a file that cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown reason'})`,
      );
    }
  }
  const credentials = given('KAFKA_SASL_USERNAME', 'KAFKA_SASL_PASSWORD');
  if (env.KAFKA_SASL_MECHANISM !== undefined && credentials.length < 2) {
    problems.push('KAFKA_SASL_MECHANISM needs KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD');
  }
  if (env.KAFKA_SASL_MECHANISM === undefined && credentials.length > 0) {
    problems.push(`${credentials.join(', ')}: without effect unless KAFKA_SASL_MECHANISM is set`);
  }
  if ([env.KAFKA_TOPIC_IDENTITY, `${env.KAFKA_TOPIC_IDENTITY}.dlq`].includes(env.KAFKA_TOPIC_ANALYTICS)) {
    problems.push(
      'KAFKA_TOPIC_ANALYTICS must not be KAFKA_TOPIC_IDENTITY, nor the topic of its dead letters: the service would ' +
        'consume its own events',
    );
  }
  return problems;
}

function tls(env: Environment): NonNullable<KafkaConfig['tls']> {
  const read = (path: string | undefined): string | undefined =>
    path === undefined ? undefined : readFileSync(path, 'utf8');
  const ca = read(env.KAFKA_SSL_CA_FILE);
  const cert = read(env.KAFKA_SSL_CERT_FILE);
  const key = read(env.KAFKA_SSL_KEY_FILE);
  return {
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
  };
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
