import { readFileSync } from 'node:fs';
import type { Environment } from '../variables/catalogue.js';

type Name = keyof Environment;

/** Returns contradictions between the variables of Kafka, and files that cannot be read. */
export function kafkaProblems(env: Environment): string[] {
  return [...tlsProblems(env), ...loginProblems(env), ...topicProblems(env)];
}

function tlsProblems(env: Environment): string[] {
  const problems: string[] = [];
  const files = namesOfSet(env, ['KAFKA_SSL_CA_FILE', 'KAFKA_SSL_CERT_FILE', 'KAFKA_SSL_KEY_FILE']);
  if (!env.KAFKA_SSL && files.length > 0) {
    problems.push(`${files.join(', ')}: without effect unless KAFKA_SSL is true: set it, or remove them`);
  }
  if ((env.KAFKA_SSL_CERT_FILE === undefined) !== (env.KAFKA_SSL_KEY_FILE === undefined)) {
    problems.push('KAFKA_SSL_CERT_FILE and KAFKA_SSL_KEY_FILE belong together: set both or none');
  }
  for (const name of files) {
    try {
      readFileSync(String(env[name]));
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      problems.push(
        `${name} must name a readable file, it is ${JSON.stringify(env[name])} (${code ?? 'unknown reason'}): correct the path or its rights`,
      );
    }
  }
  return problems;
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

function namesOfSet<const N extends Name>(env: Environment, names: readonly N[]): N[] {
  return names.filter((name) => env[name] !== undefined);
}
