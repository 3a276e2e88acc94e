import { countUsableCores } from './usable-cores.js';
import { splitList } from './split-list.js';
import type { LogLevel, NodeEnv } from './variables/application.variables.js';
import type { Environment } from './variables/catalogue.js';
import type { PlaceNaming } from './variables/event.variables.js';

export interface AppConfig {
  readonly nodeEnv: NodeEnv;
  /** TCP port; 0 takes any free one. */
  readonly port: number;
  readonly host: string;
  readonly logLevel: LogLevel;
  /** Processes that serve the port together. */
  readonly workers: number;
  /** Time for which the readiness fails before the service stops serving. */
  readonly shutdownGraceSeconds: number;
  /** Older events are rejected. */
  readonly eventMaxAgeDays: number;
  /** Days before today that retention keeps; null keeps all. */
  readonly retention: { readonly events: number | null; readonly actives: number | null };
  /** Each of these keys opens `/internal`; an empty list closes it. */
  readonly internalApiKeys: readonly string[];
  /** Accepts the `userId` of an event without a token of the same user. */
  readonly trustsBodyUserId: boolean;
  /** Names the places of new events; stored ones keep their names. */
  readonly placeNaming: PlaceNaming;
  /** False publishes no event of a heartbeat. */
  readonly publishesHeartbeats: boolean;
  /** Limits the heartbeat events that wait for Kafka in memory; see KAFKA_HEARTBEAT_BUFFER_SIZE. */
  readonly heartbeatBufferSize: number;
}

export function appConfig(env: Environment): AppConfig {
  return {
    nodeEnv: env.NODE_ENV,
    port: env.PORT,
    host: env.HOST,
    logLevel: env.LOG_LEVEL,
    workers: env.WORKERS === 'auto' ? countUsableCores() : env.WORKERS,
    shutdownGraceSeconds: env.SHUTDOWN_GRACE_SECONDS,
    eventMaxAgeDays: env.EVENT_MAX_AGE_DAYS,
    retention: { events: env.RETENTION_DAYS_EVENTS ?? null, actives: env.RETENTION_DAYS_ACTIVES ?? null },
    internalApiKeys: splitList(env.INTERNAL_API_KEY),
    trustsBodyUserId: env.EVENTS_TRUST_BODY_USER_ID,
    placeNaming: env.PLACE_NAMES,
    publishesHeartbeats: env.KAFKA_HEARTBEATS === 'each',
    heartbeatBufferSize: env.KAFKA_HEARTBEAT_BUFFER_SIZE,
  };
}
