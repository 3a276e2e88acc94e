import { DEFAULT_REDIS_PORT, parseAddresses } from '../addresses.js';
import type { Environment } from '../variables/catalogue.js';
import { namesOfSet } from './set-names.js';
import { tlsProblems } from './tls.rules.js';

/** Returns contradictions between the variables of Redis, and files that cannot be read. */
export function redisProblems(env: Environment): string[] {
  return [
    ...tlsProblems(env, {
      isOn: 'REDIS_TLS',
      ca: 'REDIS_TLS_CA_FILE',
      cert: 'REDIS_TLS_CERT_FILE',
      key: 'REDIS_TLS_KEY_FILE',
    }),
    ...addressProblems(env),
    ...sentinelProblems(env),
    ...loginProblems(env),
  ];
}

function addressProblems(env: Environment): string[] {
  const addresses = parseAddresses(env.REDIS_HOST ?? '', DEFAULT_REDIS_PORT) ?? [];
  if (addresses.length > 1 && !env.REDIS_CLUSTER) {
    return [
      `REDIS_HOST must name one server unless REDIS_CLUSTER is true, it names ${addresses.length}: name one, or set REDIS_CLUSTER=true`,
    ];
  }
  if (env.REDIS_CLUSTER && env.REDIS_DB !== 0) {
    return [`REDIS_DB must be 0 on a Redis Cluster, it is ${env.REDIS_DB}: remove it`];
  }
  return [];
}

function sentinelProblems(env: Environment): string[] {
  if (env.REDIS_SENTINELS === undefined) {
    return env.REDIS_SENTINEL_PASSWORD === undefined
      ? []
      : [
          'REDIS_SENTINEL_PASSWORD: without effect unless REDIS_SENTINELS is set: name the Sentinels, or remove it',
        ];
  }
  const problems: string[] = [];
  if (env.REDIS_HOST !== undefined) {
    problems.push(
      'REDIS_HOST and REDIS_SENTINELS exclude each other: the Sentinels name the server, remove one',
    );
  }
  if (env.REDIS_CLUSTER) {
    problems.push(
      'REDIS_CLUSTER and REDIS_SENTINELS exclude each other: a cluster elects its masters, remove one',
    );
  }
  return problems;
}

function loginProblems(env: Environment): string[] {
  const missing = namesOfSet(env, ['REDIS_USERNAME']).length > 0 && env.REDIS_PASSWORD === undefined;
  return missing ? ['REDIS_USERNAME needs REDIS_PASSWORD: set it'] : [];
}
