import type { Environment } from '../variables/catalogue.js';
import { namesOfSet } from './set-names.js';
import { tlsProblems } from './tls.rules.js';

/** Returns contradictions between the variables of Kafka, and files that cannot be read. */
export function kafkaProblems(env: Environment): string[] {
  const tls = tlsProblems(env, {
    isOn: 'KAFKA_SSL',
    ca: 'KAFKA_SSL_CA_FILE',
    cert: 'KAFKA_SSL_CERT_FILE',
    key: 'KAFKA_SSL_KEY_FILE',
  });
  return [...tls, ...loginProblems(env), ...topicProblems(env)];
}

function loginProblems(env: Environment): string[] {
  const credentials = namesOfSet(env, ['KAFKA_SASL_USERNAME', 'KAFKA_SASL_PASSWORD']);
  const hasMechanism = env.KAFKA_SASL_MECHANISM !== undefined;
  if (hasMechanism && credentials.length < 2) {
    return ['KAFKA_SASL_MECHANISM needs KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD: set both'];
  }
  if (!hasMechanism && credentials.length > 0) {
    return [
      `${credentials.join(', ')}: without effect unless KAFKA_SASL_MECHANISM is set: set it, or remove them`,
    ];
  }
  return [];
}

function topicProblems(env: Environment): string[] {
  const consumed = [env.KAFKA_TOPIC_IDENTITY, `${env.KAFKA_TOPIC_IDENTITY}.dlq`];
  if (!consumed.includes(env.KAFKA_TOPIC_ANALYTICS)) return [];
  return [
    'KAFKA_TOPIC_ANALYTICS must not be KAFKA_TOPIC_IDENTITY, nor the topic of its dead letters: the service would ' +
      'consume its own events. Name another topic',
  ];
}
