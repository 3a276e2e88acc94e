import { loadConfiguration } from '../../../src/config/configuration.js';
import { ConfigurationError, type RawEnvironment } from '../../../src/config/environment.js';

export const SECRET = 'one-of-32-bytes-that-nobody-else';

export const PRODUCTION: RawEnvironment = {
  NODE_ENV: 'production',
  DATABASE_URL: 'postgresql://service:hunter2@db.internal:5432/analytics',
  REDIS_HOST: 'redis.internal',
  KAFKA_BROKERS: 'kafka.internal:9092',
  JWT_SECRET: SECRET,
};

/** Returns everything that is wrong with an environment. */
export function problemsOf(raw: RawEnvironment): readonly string[] {
  try {
    loadConfiguration(raw);
    return [];
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems;
    throw error;
  }
}

export function problemsInProduction(raw: RawEnvironment): readonly string[] {
  return problemsOf({ ...PRODUCTION, ...raw });
}
