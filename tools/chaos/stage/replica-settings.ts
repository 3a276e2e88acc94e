import { randomBytes } from 'node:crypto';

/** Secrets of one run, as strong as production demands. */
export interface StageSecrets {
  readonly jwtSecret: string;
  readonly internalApiKey: string;
}

export function createSecrets(): StageSecrets {
  return { jwtSecret: randomBytes(32).toString('hex'), internalApiKey: randomBytes(32).toString('hex') };
}

/**
 * Returns the settings of a program in production mode on these stores. Limits keep production's defaults: every
 * device has its own address in X-Forwarded-For.
 */
export function productionSettings(
  stores: Readonly<Record<string, string>>,
  secrets: StageSecrets,
): Record<string, string> {
  return {
    NODE_ENV: 'production',
    HOST: '127.0.0.1',
    ...stores,
    // The stand-in of Kafka makes topics of four partitions.
    KAFKA_TOPIC_PARTITIONS: '4',
    JWT_SECRET: secrets.jwtSecret,
    INTERNAL_API_KEY: secrets.internalApiKey,
    TRUSTED_PROXIES: '127.0.0.1',
  };
}
