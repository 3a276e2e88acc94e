import type { BenchServers } from './bench-servers.js';
import { startProgram, type RunningProgram } from './load.js';
import { TEST_JWT_SECRET } from '../../test/support/service.js';

/** Names the servers of the service, to which the floor connects. */
export interface FloorSpec {
  readonly databaseUrl: string;
  readonly redis: { readonly host: string; readonly port: number };
  readonly brokers: string;
  readonly topic: string;
  /** The secret of the tokens. */
  readonly secret: string;
}

/** Starts the hand-written routes that do the durable work of the service and nothing else. */
export function startFloor({ floorDatabase, env }: BenchServers): Promise<RunningProgram> {
  const spec: FloorSpec = {
    databaseUrl: floorDatabase.serviceUrl,
    redis: { host: env['REDIS_HOST'] ?? '', port: Number(env['REDIS_PORT']) },
    brokers: env['KAFKA_BROKERS'] ?? '',
    topic: 'analytics-events',
    secret: TEST_JWT_SECRET,
  };
  return startProgram('floor-route.ts', JSON.stringify(spec));
}
