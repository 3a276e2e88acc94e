// class-transformer's decorators need it, and the migration command loads this file before any of Nest.
import 'reflect-metadata';
import { plainToInstance, Transform, Type } from 'class-transformer';
import {
  IsBoolean,
  IsIn,
  IsInt,
  IsOptional,
  IsString,
  Matches,
  Max,
  Min,
  ValidateBy,
  validateSync,
} from 'class-validator';

export const NODE_ENVS = ['development', 'production', 'test'] as const;
export type NodeEnv = (typeof NODE_ENVS)[number];

export const KAFKA_COMPRESSIONS = ['gzip', 'none'] as const;
export type KafkaCompression = (typeof KAFKA_COMPRESSIONS)[number];

export const KAFKA_SASL_MECHANISMS = ['plain', 'scram-sha-256', 'scram-sha-512'] as const;
export type KafkaSaslMechanism = (typeof KAFKA_SASL_MECHANISMS)[number];

export const LOG_LEVELS = ['debug', 'log', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Raw environment, as `process.env` has it. */
export type RawEnvironment = Readonly<Record<string, string | undefined>>;

/** Everything that is wrong with the environment, at once. Values are never repeated: some are secrets. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';

  constructor(readonly problems: readonly string[]) {
    super(
      `The configuration has ${problems.length} problem(s):\n${problems.map((p) => `  - ${p}`).join('\n')}`,
    );
  }
}

const ToBoolean = (): PropertyDecorator =>
  Transform(({ value }: { value: unknown }) => (value === 'true' ? true : value === 'false' ? false : value));

/** What no URL parser takes must stop here: its error would show the whole text, password included. */
const IsPostgresUrl = (): PropertyDecorator =>
  ValidateBy({
    name: 'isPostgresUrl',
    validator: {
      validate: (value) =>
        typeof value === 'string' && /^postgres(ql)?:\/\/.+/.test(value) && URL.canParse(value),
      defaultMessage: () =>
        '$property must be a URL that starts with postgresql://, with / ? # @ : in a password percent-encoded',
    },
  });

/** Step one: strings become checked values. An empty variable counts as unset. `.env.example` explains each. */
export class Environment {
  @IsIn(NODE_ENVS)
  NODE_ENV: NodeEnv = 'development';

  @Type(() => Number)
  @IsInt()
  @Min(0)
  @Max(65535)
  PORT = 3001;

  @IsOptional()
  @IsString()
  HOST?: string;

  @IsIn(LOG_LEVELS)
  LOG_LEVEL: LogLevel = 'log';

  @IsOptional()
  @IsPostgresUrl()
  DATABASE_URL?: string;

  @IsOptional()
  @IsPostgresUrl()
  DATABASE_MIGRATION_URL?: string;

  @Type(() => Number)
  @IsInt()
  @Min(2)
  @Max(200)
  DATABASE_POOL_SIZE = 10;

  @IsString()
  EMBEDDED_POSTGRES_DIRECTORY = '.data/postgres';

  @Type(() => Number)
  @IsInt()
  @Min(0)
  @Max(65535)
  EMBEDDED_POSTGRES_PORT = 54329;

  @IsOptional()
  @IsString()
  REDIS_HOST?: string;

  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(65535)
  REDIS_PORT = 6379;

  @IsOptional()
  @IsString()
  REDIS_PASSWORD?: string;

  @Type(() => Number)
  @IsInt()
  @Min(0)
  @Max(1023)
  REDIS_DB = 0;

  @ToBoolean()
  @IsBoolean()
  REDIS_CLUSTER = false;

  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(1024)
  REDIS_PRESENCE_SHARDS = 1;

  @IsOptional()
  @IsString()
  JWT_SECRET?: string;

  @IsOptional()
  @IsString()
  JWT_SECRET_PREVIOUS?: string;

  @IsOptional()
  @IsString()
  JWT_ISSUER?: string;

  @IsOptional()
  @IsString()
  JWT_AUDIENCE?: string;

  @Matches(/^[1-9]\d{0,5}[smhd]$/, {
    message: 'JWT_EXPIRES_IN must be a number with s, m, h or d, such as 7d',
  })
  JWT_EXPIRES_IN = '7d';

  @IsOptional()
  @Matches(/[^\s,]/, {
    message: 'ADMIN_ROLES must name a role: leave it out to let any valid token read figures',
  })
  ADMIN_ROLES?: string;

  @IsOptional()
  @Matches(/^[^\s,]{16,}(,[^\s,]{16,})*$/, {
    message:
      'INTERNAL_API_KEY must have at least 16 characters and no spaces; several keys with commas between',
  })
  INTERNAL_API_KEY?: string;

  @ToBoolean()
  @IsBoolean()
  API_DOCS_INTERNAL = false;

  @ToBoolean()
  @IsBoolean()
  EVENTS_TRUST_BODY_USER_ID = true;

  @IsOptional()
  @IsString()
  TRUSTED_PROXIES?: string;

  @IsOptional()
  @IsString()
  CORS_ORIGINS?: string;

  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(0)
  @Max(10_000_000)
  RATE_LIMIT_PER_ADDRESS?: number;

  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(0)
  @Max(10_000_000)
  RATE_LIMIT_PER_INSTALL?: number;

  @IsOptional()
  @Matches(/^[^\s,]+:\d+(,[^\s,]+:\d+)*$/, {
    message: 'KAFKA_BROKERS must be host:port, several with commas between',
  })
  KAFKA_BROKERS?: string;

  @Matches(/^[a-zA-Z0-9._-]{1,249}$/, { message: 'KAFKA_TOPIC_ANALYTICS must be a Kafka topic name' })
  KAFKA_TOPIC_ANALYTICS = 'analytics-events';

  // Room for the `.dlq` of its dead letters.
  @Matches(/^[a-zA-Z0-9._-]{1,245}$/, {
    message: 'KAFKA_TOPIC_IDENTITY must be a Kafka topic name of at most 245 characters',
  })
  KAFKA_TOPIC_IDENTITY = 'identity-events';

  @Matches(/^\S{1,249}$/, { message: 'KAFKA_CONSUMER_GROUP must be 1 to 249 characters without spaces' })
  KAFKA_CONSUMER_GROUP = 'analytics-presence-group';

  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(1000)
  KAFKA_TOPIC_PARTITIONS = 12;

  @Type(() => Number)
  @IsIn([-1, 1, 2, 3, 4, 5])
  KAFKA_TOPIC_REPLICATION_FACTOR = -1;

  @IsIn(KAFKA_COMPRESSIONS)
  KAFKA_COMPRESSION: KafkaCompression = 'gzip';

  @ToBoolean()
  @IsBoolean()
  KAFKA_SSL = false;

  @IsOptional()
  @IsString()
  KAFKA_SSL_CA_FILE?: string;

  @IsOptional()
  @IsString()
  KAFKA_SSL_CERT_FILE?: string;

  @IsOptional()
  @IsString()
  KAFKA_SSL_KEY_FILE?: string;

  @IsOptional()
  @IsIn(KAFKA_SASL_MECHANISMS)
  KAFKA_SASL_MECHANISM?: KafkaSaslMechanism;

  @IsOptional()
  @IsString()
  KAFKA_SASL_USERNAME?: string;

  @IsOptional()
  @IsString()
  KAFKA_SASL_PASSWORD?: string;

  @Type(() => Number)
  @IsInt()
  @Min(100)
  @Max(1_000_000)
  KAFKA_HEARTBEAT_BUFFER_SIZE = 10_000;

  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(366)
  EVENT_MAX_AGE_DAYS = 7;
}

/** @throws ConfigurationError with every problem */
export function parseEnvironment(raw: RawEnvironment): Environment {
  const { environment, problems } = checkEnvironment(raw);
  if (problems.length > 0) throw new ConfigurationError(problems);
  return environment;
}

/** For who has more to check: the values as far as they could be read, and all that is wrong with them. */
export function checkEnvironment(raw: RawEnvironment): { environment: Environment; problems: string[] } {
  const set = Object.fromEntries(
    Object.keys(new Environment())
      .concat('HOST', 'DATABASE_URL', 'DATABASE_MIGRATION_URL', 'REDIS_HOST', 'REDIS_PASSWORD')
      .concat('JWT_SECRET', 'JWT_SECRET_PREVIOUS', 'JWT_ISSUER', 'JWT_AUDIENCE', 'ADMIN_ROLES')
      .concat('INTERNAL_API_KEY', 'TRUSTED_PROXIES', 'CORS_ORIGINS', 'RATE_LIMIT_PER_ADDRESS')
      .concat('RATE_LIMIT_PER_INSTALL', 'KAFKA_BROKERS')
      .concat('KAFKA_SSL_CA_FILE', 'KAFKA_SSL_CERT_FILE', 'KAFKA_SSL_KEY_FILE')
      .concat('KAFKA_SASL_MECHANISM', 'KAFKA_SASL_USERNAME', 'KAFKA_SASL_PASSWORD')
      .flatMap((name) => {
        const value = raw[name]?.trim();
        return value ? [[name, value]] : [];
      }),
  );
  const environment = plainToInstance(Environment, set, { exposeDefaultValues: true });
  const problems = validateSync(environment, { validationError: { target: false, value: false } }).flatMap(
    (error) => Object.values(error.constraints ?? {}),
  );
  return { environment, problems };
}
