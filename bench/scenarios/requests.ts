import type { BenchContext } from '../support/context.js';
import type { Load } from '../support/load.js';
import {
  expectEventsStored,
  expectGatewayUsersOnline,
  expectNothing,
  expectUsersOnline,
} from '../support/load-checks.js';
import { compareWithEmptyRoute } from '../support/measure-load.js';
import type { Comparison } from '../support/results.js';

const CONNECTIONS = 64;

/** Compares the cost that every request has: the framework and the hooks. */
export function compareSmallestRoute(context: BenchContext): Promise<Comparison> {
  return compareWithEmptyRoute(
    context,
    {
      id: 'smallest-route',
      work: `GET /health/live, the smallest route there is, ${CONNECTIONS} connections`,
    },
    { load: { kind: 'liveness', batchSize: 1, connections: CONNECTIONS }, check: expectNothing },
  );
}

export function compareSingleEvents(context: BenchContext): Promise<Comparison> {
  const load: Load = { kind: 'events', batchSize: 1, connections: CONNECTIONS };
  return compareWithEmptyRoute(
    context,
    {
      id: 'single-events',
      work: `Single events, ${CONNECTIONS} connections, durable answer`,
      goal: { atLeast: 0.35, cpuMicrosecondsAtMost: 110 },
    },
    { load, check: expectEventsStored(context, load) },
  );
}

export function compareHeartbeats(context: BenchContext): Promise<Comparison> {
  const load: Load = { kind: 'heartbeat', batchSize: 1, connections: CONNECTIONS };
  return compareWithEmptyRoute(
    context,
    {
      id: 'heartbeats',
      work: `Heartbeats with a JWT, ${CONNECTIONS} connections, written to Redis`,
      goal: { atLeast: 0.45, cpuMicrosecondsAtMost: 90 },
    },
    { load, check: expectUsersOnline(context, load) },
  );
}

/** Compares heartbeats of gateways with empty requests: how many are worth one request that does nothing. */
export function compareGateways(context: BenchContext): Promise<Comparison> {
  const load: Load = { kind: 'gateway', batchSize: 1000, connections: 4 };
  return compareWithEmptyRoute(
    context,
    {
      id: 'gateways',
      work: 'Heartbeats that gateways report 1,000 at a time, 4 connections, written to Redis and published',
      limitedBy: 'a Fastify route that does nothing, single heartbeats',
      unit: 'heartbeats/s',
      goal: { atLeast: 3 },
    },
    {
      load,
      limit: { kind: 'heartbeat', batchSize: 1, connections: CONNECTIONS },
      check: expectGatewayUsersOnline(context, load),
      countsPublished: true,
    },
  );
}

/** Compares heartbeats that each miss the token cache, as an app's first heartbeat does. */
export function compareHeartbeatsWithNewTokens(context: BenchContext): Promise<Comparison> {
  const load: Load = { kind: 'heartbeat-new-token', batchSize: 1, connections: CONNECTIONS };
  return compareWithEmptyRoute(
    context,
    {
      id: 'heartbeats-new-tokens',
      work: `Heartbeats, each with a token not seen before, ${CONNECTIONS} connections`,
    },
    { load, check: expectUsersOnline(context, load) },
  );
}
