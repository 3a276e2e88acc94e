/** Sends requests as fast as they are answered, from a process of its own, and writes a {@link LoadResult} as JSON. */
import { randomUUID } from 'node:crypto';
import autocannon from 'autocannon';

import { forgeToken, signToken } from '../../test/support/http.js';
import { TEST_JWT_SECRET } from '../../test/support/service.js';
import { installOf, nextEvent, toJson } from '../support/events.js';
import { HEARTBEAT_USERS, type LoadResult, type LoadSpec, type RequestKind } from '../support/load.js';

/** The same in every process that sends, as an app's token is the same for many heartbeats. */
const TOKEN_TIMES = { iat: 1_700_000_000, exp: 4_000_000_000 };
/** More than the service has ever taken in a second. */
const NEW_TOKENS_A_SECOND = 20_000;

const spec = JSON.parse(process.argv[2] ?? '') as LoadSpec;
const PATHS: Readonly<Record<RequestKind, string>> = {
  events: '/analytics/events',
  heartbeat: '/presence/heartbeat',
  'heartbeat-new-token': '/presence/heartbeat',
  'online-count': '/presence/online-count',
  liveness: '/health/live',
};

const READS: ReadonlySet<RequestKind> = new Set(['online-count', 'liveness']);

type Next = () => Pick<autocannon.Request, 'body' | 'headers'>;

/** What changes from request to request. */
function nextRequest(kind: RequestKind): Next {
  switch (kind) {
    case 'events': {
      const headers = { 'content-type': 'application/json' };
      let events = 0;
      return () => {
        const batch = Array.from({ length: spec.batchSize }, () => toJson(nextEvent(events++)));
        return { headers, body: `{"events":[${batch.join()}],"sentAt":${Math.floor(Date.now() / 1000)}}` };
      };
    }
    case 'heartbeat':
      return nextHeartbeat(Array.from({ length: HEARTBEAT_USERS }, (_, i) => bearer(i)));
    case 'heartbeat-new-token': {
      const count = NEW_TOKENS_A_SECOND * spec.seconds;
      return nextHeartbeat(Array.from({ length: count }, (_, i) => bearer(i, { jti: randomUUID() })));
    }
    case 'online-count': {
      const headers = { authorization: `Bearer ${signToken({ sub: '1', jti: randomUUID() })}` };
      return () => ({ headers });
    }
    case 'liveness':
      return () => ({});
  }
}

function nextHeartbeat(bearers: readonly string[]): Next {
  let next = Math.floor(Math.random() * bearers.length);
  return () => {
    next = (next + 1) % bearers.length;
    const install = installOf((next % HEARTBEAT_USERS) + 1);
    return {
      headers: { 'content-type': 'application/json', authorization: bearers[next] ?? '' },
      body: `{"installId":"${install}","appVersion":"2.4.0","clientTs":${Math.floor(Date.now() / 1000)}}`,
    };
  };
}

/** By hand, because a library takes many times as long for each of hundreds of thousands. */
function bearer(index: number, claims: Readonly<Record<string, string>> = {}): string {
  const all = { sub: String((index % HEARTBEAT_USERS) + 1), ...TOKEN_TIMES, ...claims };
  return `Bearer ${forgeToken({ alg: 'HS256', typ: 'JWT' }, all, TEST_JWT_SECRET)}`;
}

const next = nextRequest(spec.kind);
const cpuBefore = process.cpuUsage();
const result = await autocannon({
  url: spec.url,
  connections: spec.connections,
  ...(spec.requests === undefined ? { duration: spec.seconds } : { amount: spec.requests }),
  requests: [
    {
      // The empty route has one address and method for all.
      method: READS.has(spec.kind) && !spec.toEmptyRoute ? 'GET' : 'POST',
      path: spec.toEmptyRoute ? '/' : PATHS[spec.kind],
      setupRequest: (request) => Object.assign(request, next()),
    },
  ],
});
const { user, system } = process.cpuUsage(cpuBefore);
// Whoever verifies nothing does not notice; the service would have seen tokens twice.
if (
  spec.kind === 'heartbeat-new-token' &&
  !spec.toEmptyRoute &&
  result['2xx'] + spec.connections > NEW_TOKENS_A_SECOND * spec.seconds
) {
  throw new Error(`${NEW_TOKENS_A_SECOND} new tokens a second are too few for ${result['2xx']} requests`);
}
const answer: LoadResult = {
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
console.log(JSON.stringify(answer));
