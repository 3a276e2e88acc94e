/** Sends requests at full speed from its own process and writes a {@link LoadResult} as JSON. */
import { randomUUID } from 'node:crypto';
import autocannon from 'autocannon';

import { forgeToken, signToken } from '../../test/support/http.js';
import { TEST_JWT_SECRET } from '../../test/support/service.js';
import { createEvent, installIdOf, toJson } from '../support/bench-events.js';
import {
  GATEWAY_USERS,
  HEARTBEAT_USERS,
  INTERNAL_KEY,
  type LoadResult,
  type LoadSpec,
  type RequestKind,
} from '../support/load.js';

/** Fixed times, so that every generator process sends the same tokens. */
const TOKEN_TIMES = { iat: 1_700_000_000, exp: 4_000_000_000 };
/** A rate of new tokens that the service has never reached. */
const NEW_TOKENS_PER_SECOND = 20_000;

const spec = JSON.parse(process.argv[2] ?? '') as LoadSpec;
const PATHS: Readonly<Record<RequestKind, string>> = {
  events: '/analytics/events',
  gateway: '/internal/presence/heartbeats',
  heartbeat: '/presence/heartbeat',
  'heartbeat-new-token': '/presence/heartbeat',
  'online-count': '/presence/online-count',
  liveness: '/health/live',
};

const READS: ReadonlySet<RequestKind> = new Set(['online-count', 'liveness']);

type RequestFactory = () => Pick<autocannon.Request, 'body' | 'headers'>;

/** Returns a factory for the varying part of each request. */
function createRequestFactory(kind: RequestKind): RequestFactory {
  switch (kind) {
    case 'events': {
      const headers = { 'content-type': 'application/json' };
      let events = 0;
      return () => {
        const batch = Array.from({ length: spec.batchSize }, () => toJson(createEvent(events++)));
        return { headers, body: `{"events":[${batch.join()}],"sentAt":${Math.floor(Date.now() / 1000)}}` };
      };
    }
    case 'gateway':
      return createGatewayFactory();
    case 'heartbeat':
      return createHeartbeatFactory(Array.from({ length: HEARTBEAT_USERS }, (_, i) => createBearer(i)));
    case 'heartbeat-new-token': {
      const count = NEW_TOKENS_PER_SECOND * spec.seconds;
      return createHeartbeatFactory(
        Array.from({ length: count }, (_, i) => createBearer(i, { jti: randomUUID() })),
      );
    }
    case 'online-count': {
      const headers = { authorization: `Bearer ${signToken({ sub: '1', jti: randomUUID() })}` };
      return () => ({ headers });
    }
    case 'liveness':
      return () => ({});
  }
}

/** Makes the bodies beforehand, so that the generator costs the service little of the machine. */
function createGatewayFactory(): RequestFactory {
  const headers = { 'content-type': 'application/json', 'x-internal-api-key': INTERNAL_KEY };
  const bodies = Array.from({ length: GATEWAY_USERS / spec.batchSize }, (_, body) => {
    const users = Array.from({ length: spec.batchSize }, (_, i) => body * spec.batchSize + i + 1);
    const heartbeats = users.map((user) => ({
      userId: String(user),
      installId: installIdOf(user),
      appVersion: '2.4.0',
    }));
    return JSON.stringify({ heartbeats });
  });
  let next = 0;
  return () => ({ headers, body: bodies[next++ % bodies.length] ?? '' });
}

function createHeartbeatFactory(bearers: readonly string[]): RequestFactory {
  let next = Math.floor(Math.random() * bearers.length);
  return () => {
    next = (next + 1) % bearers.length;
    const install = installIdOf((next % HEARTBEAT_USERS) + 1);
    return {
      headers: { 'content-type': 'application/json', authorization: bearers[next] ?? '' },
      body: `{"installId":"${install}","appVersion":"2.4.0","clientTs":${Math.floor(Date.now() / 1000)}}`,
    };
  };
}

/** Signs a token without a library, which is many times slower for hundreds of thousands of tokens. */
function createBearer(index: number, claims: Readonly<Record<string, string>> = {}): string {
  const payload = { sub: String((index % HEARTBEAT_USERS) + 1), ...TOKEN_TIMES, ...claims };
  return `Bearer ${forgeToken({ alg: 'HS256', typ: 'JWT' }, payload, TEST_JWT_SECRET)}`;
}

const createRequest = createRequestFactory(spec.kind);
const cpuBefore = process.cpuUsage();
const result = await autocannon({
  url: spec.url,
  connections: spec.connections,
  ...(spec.requests === undefined ? { duration: spec.seconds } : { amount: spec.requests }),
  requests: [
    {
      // The empty route accepts one path and method only.
      method: READS.has(spec.kind) && !spec.toEmptyRoute ? 'GET' : 'POST',
      path: spec.toEmptyRoute ? '/' : PATHS[spec.kind],
      setupRequest: (request) => Object.assign(request, createRequest()),
    },
  ],
});
const { user, system } = process.cpuUsage(cpuBefore);
// The service must not see a token twice; the empty route does not verify tokens.
if (
  spec.kind === 'heartbeat-new-token' &&
  !spec.toEmptyRoute &&
  result['2xx'] + spec.connections > NEW_TOKENS_PER_SECOND * spec.seconds
) {
  throw new Error(
    `${NEW_TOKENS_PER_SECOND} new tokens per second are too few for ${result['2xx']} requests. Raise NEW_TOKENS_PER_SECOND.`,
  );
}
const loadResult: LoadResult = {
  ok: result['2xx'],
  refused: result.non2xx,
  refusedByStatus: Object.fromEntries(
    Object.entries(result.statusCodeStats ?? {})
      .filter(([status]) => !status.startsWith('2'))
      .map(([status, { count = 0 }]) => [status, count]),
  ),
  errors: result.errors,
  seconds: result.duration,
  p50Ms: result.latency.p50,
  p99Ms: result.latency.p99,
  generatorCpuSeconds: (user + system) / 1e6,
};
console.log(JSON.stringify(loadResult));
