import type { Environment, LogLevel, NodeEnv } from './environment.js';

export interface AppConfig {
  readonly nodeEnv: NodeEnv;
  /** 0 lets the system choose. */
  readonly port: number;
  readonly host: string;
  readonly logLevel: LogLevel;
  /** Events older than this are refused. */
  readonly eventMaxAgeDays: number;
  /** Null closes `/internal`. */
  readonly internalApiKey: string | null;
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
    internalApiKey: env.INTERNAL_API_KEY ?? null,
    heartbeatBufferSize: env.KAFKA_HEARTBEAT_BUFFER_SIZE,
  };
}
