import { appConfig, type AppConfig } from './app.config.js';
import { databaseConfig, type DatabaseConfig } from './database.config.js';
import { addEnvironmentFiles } from './environment-files.js';
import { checkEnvironment, ConfigurationError, type RawEnvironment } from './environment.js';
import { httpConfig, type HttpConfig } from './http.config.js';
import { jwtConfig, type JwtConfig } from './jwt.config.js';
import { kafkaConfig, type KafkaConfig } from './kafka.config.js';
import { redisConfig, type RedisConfig } from './redis.config.js';
import { LOG_LEVELS, NODE_ENVS } from './variables/application.variables.js';
import { withoutFileSuffix } from './secret-files.js';
import { tracingConfig, type TracingConfig } from './tracing.config.js';
import { citusProblems } from './rules/citus.rules.js';
import { databaseTlsProblems } from './rules/tls.rules.js';
import { kafkaProblems } from './rules/kafka.rules.js';
import { productionProblems } from './rules/production.rules.js';
import { redisProblems } from './rules/redis.rules.js';
import { retentionProblems } from './rules/retention.rules.js';
import { sharedHostProblems } from './rules/shared-host.rules.js';
import { workersProblems } from './rules/workers.rules.js';

export interface Configuration {
  readonly app: AppConfig;
  readonly http: HttpConfig;
  readonly database: DatabaseConfig;
  readonly redis: RedisConfig | null;
  readonly jwt: JwtConfig;
  readonly kafka: KafkaConfig | null;
  /** Null when nothing is traced. */
  readonly tracing: TracingConfig | null;
}

/** A configuration whose database is known: configured, or embedded and started. */
export interface ReadyConfiguration extends Configuration {
  readonly database: DatabaseConfig & {
    readonly url: string;
    readonly migrationUrl: string;
    readonly isEmbedded: boolean;
  };
}

/** Reads the environment and the `.env` files of the working directory. Nothing else in the service reads either. */
export function readEnvironment(): RawEnvironment {
  addEnvironmentFiles(process.env, '.');
  return process.env;
}

/**
 * Returns what a logger needs, with defaults for what is wrong: the problems themselves are to be logged.
 *
 * @param raw default: the environment without its files
 */
export function readLogSettings(raw: RawEnvironment = process.env): Pick<AppConfig, 'nodeEnv' | 'logLevel'> {
  const { NODE_ENV, LOG_LEVEL } = checkEnvironment(raw).environment;
  return {
    nodeEnv: NODE_ENVS.find((known) => known === NODE_ENV) ?? 'development',
    logLevel: LOG_LEVELS.find((known) => known === LOG_LEVEL) ?? 'info',
  };
}

/**
 * Checks the environment and arranges its values in sections.
 *
 * @throws ConfigurationError with every problem
 */
export function loadConfiguration(raw: RawEnvironment): Configuration {
  const { environment: env, problems } = checkEnvironment(raw);
  const ofSeveral = [
    ...redisProblems(env),
    ...kafkaProblems(env),
    ...citusProblems(env),
    ...databaseTlsProblems(env),
    ...productionProblems(env),
    ...sharedHostProblems(env),
    ...retentionProblems(env),
    ...workersProblems(env),
  ];
  // A rule over several variables says nothing of use about one that is wrong by itself.
  const wrong = new Set(problems.map(nameOf));
  problems.push(...new Set(ofSeveral.filter((problem) => !wrong.has(nameOf(problem)))));
  if (problems.length > 0) throw new ConfigurationError(problems);
  return Object.freeze({
    app: Object.freeze(appConfig(env)),
    http: Object.freeze(httpConfig(env)),
    database: Object.freeze(databaseConfig(env)),
    redis: redisConfig(env),
    jwt: Object.freeze(jwtConfig(env)),
    kafka: kafkaConfig(env),
    tracing: tracingConfig(env),
  });
}

/** Returns the variable that a problem starts with. */
function nameOf(problem: string): string {
  return withoutFileSuffix(/^\w+/.exec(problem)?.[0] ?? '');
}
