import type { Environment, LogLevel, NodeEnv } from './environment.js';
import { list } from './http.config.js';

export interface AppConfig {
  readonly nodeEnv: NodeEnv;
  /** 0 lets the system choose. */
  readonly port: number;
  readonly host: string;
  readonly logLevel: LogLevel;
  /** Events older than this are refused. */
  readonly eventMaxAgeDays: number;
  /** Any of them opens `/internal`; none closes it. */
  readonly internalApiKeys: readonly string[];
  /** Whether a `userId` in a body counts without a token that says the same. */
  readonly trustsBodyUserId: boolean;
  /** Heartbeat events that may wait for Kafka in memory; more are dropped and counted. */
  readonly heartbeatBufferSize: number;
}

export function appConfig(env: Environment): AppConfig {
  return {
    nodeEnv: env.NODE_ENV,
    port: env.PORT,
    // Outside production the signing secret is public knowledge, so nobody but this machine may connect.
    host: env.HOST ?? (env.NODE_ENV === 'production' ? '0.0.0.0' : '127.0.0.1'),
    logLevel: env.LOG_LEVEL,
    eventMaxAgeDays: env.EVENT_MAX_AGE_DAYS,
    internalApiKeys: list(env.INTERNAL_API_KEY),
    trustsBodyUserId: env.EVENTS_TRUST_BODY_USER_ID,
    heartbeatBufferSize: env.KAFKA_HEARTBEAT_BUFFER_SIZE,
  };
}
