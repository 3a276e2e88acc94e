import { existsSync } from 'node:fs';
import { loadEnvFile } from 'node:process';
import { appConfig, type AppConfig } from './app.config.js';
import { databaseConfig, type DatabaseConfig } from './database.config.js';
import {
  checkEnvironment,
  ConfigurationError,
  type Environment,
  type RawEnvironment,
} from './environment.js';
import { httpConfig, httpProblems, list, type HttpConfig } from './http.config.js';
import { EXAMPLE_SECRETS, jwtConfig, type JwtConfig } from './jwt.config.js';
import { kafkaConfig, kafkaProblems, type KafkaConfig } from './kafka.config.js';
import { redisConfig, type RedisConfig } from './redis.config.js';

const MIN_SECRET_BYTES = 32;

export interface Configuration {
  readonly app: AppConfig;
  readonly http: HttpConfig;
  readonly database: DatabaseConfig;
  readonly redis: RedisConfig | null;
  readonly jwt: JwtConfig;
  readonly kafka: KafkaConfig | null;
}

/** A configuration whose database is known: given, or started by now. */
export interface ReadyConfiguration extends Configuration {
  readonly database: DatabaseConfig & {
    readonly url: string;
    readonly migrationUrl: string;
    readonly isEmbedded: boolean;
  };
}

/** `.env`, then the environment, which wins. The only place that reads either. */
export function readEnvironment(): RawEnvironment {
  if (existsSync('.env')) loadEnvFile('.env');
  return process.env;
}

/** Both steps: environment to checked values, checked values to sections. @throws ConfigurationError */
export function loadConfiguration(raw: RawEnvironment): Configuration {
  const { environment: env, problems } = checkEnvironment(raw);
  problems.push(...httpProblems(env), ...kafkaProblems(env));
  if (env.NODE_ENV === 'production') problems.push(...unfitForProduction(env));
  else if (isOpenToAnybody(env)) {
    problems.push(
      'HOST lets others connect, who could sign tokens with a secret from an example: set JWT_SECRET to one of your own',
    );
  }
  if (problems.length > 0) throw new ConfigurationError(problems);
  return Object.freeze({
    app: Object.freeze(appConfig(env)),
    http: Object.freeze(httpConfig(env)),
    database: Object.freeze(databaseConfig(env)),
    redis: redisConfig(env),
    jwt: Object.freeze(jwtConfig(env)),
    kafka: kafkaConfig(env),
  });
}

function isOpenToAnybody(env: Environment): boolean {
  if (env.HOST === undefined || /^(localhost|127\.\d+\.\d+\.\d+|::1)$/i.test(env.HOST)) return false;
  const { secret, previousSecret } = jwtConfig(env);
  return [secret, previousSecret].some((each) => each !== null && EXAMPLE_SECRETS.includes(each));
}

/** In production nothing is embedded, no known secret signs tokens, and no password travels in the clear. */
function unfitForProduction(env: Environment): string[] {
  const problems: string[] = [];
  for (const name of ['DATABASE_URL', 'REDIS_HOST', 'KAFKA_BROKERS'] as const) {
    if (env[name] === undefined) problems.push(`${name} must be set when NODE_ENV is production`);
  }
  if (env.JWT_SECRET === undefined) problems.push('JWT_SECRET must be set when NODE_ENV is production');
  const secrets = [
    ...(['JWT_SECRET', 'JWT_SECRET_PREVIOUS'] as const).map((name) => [name, env[name]] as const),
    ...list(env.INTERNAL_API_KEY).map((key) => ['INTERNAL_API_KEY', key] as const),
  ];
  for (const [name, secret] of secrets) {
    if (secret === undefined) continue;
    if (EXAMPLE_SECRETS.includes(secret)) problems.push(`${name} must not be one from an example`);
    else if (Buffer.byteLength(secret) < MIN_SECRET_BYTES) {
      problems.push(`${name} must have at least ${MIN_SECRET_BYTES} bytes`);
    }
  }
  if (env.KAFKA_SASL_MECHANISM === 'plain' && !env.KAFKA_SSL) {
    problems.push(
      'KAFKA_SASL_MECHANISM=plain sends the password readable: set KAFKA_SSL=true, or use scram-sha-512',
    );
  }
  return problems;
}
