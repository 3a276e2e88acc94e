import type { Environment } from './environment.js';

export interface KafkaConfig {
  readonly brokers: readonly string[];
  readonly topicAnalytics: string;
}

/** Null: events are published to the log. */
export function kafkaConfig(env: Environment): KafkaConfig | null {
  if (env.KAFKA_BROKERS === undefined) return null;
  return { brokers: env.KAFKA_BROKERS.split(','), topicAnalytics: env.KAFKA_TOPIC_ANALYTICS };
}
