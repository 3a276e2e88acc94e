/** Sends requests as fast as they are answered, from a process of its own, and writes a {@link LoadResult} as JSON. */
import { randomUUID } from 'node:crypto';
import autocannon from 'autocannon';

import { signToken } from '../../test/support/http.js';
import { installOf, nextEvent, toJson } from '../support/events.js';
import type { LoadResult, LoadSpec, RequestKind } from '../support/load.js';

/** Users who send again and again, each with a token of its own, as apps do every minute. */
const TOKENS = 10_000;

const spec = JSON.parse(process.argv[2] ?? '') as LoadSpec;
const PATHS: Readonly<Record<RequestKind, string>> = {
  batch: '/analytics/events',
  single: '/analytics/events',
  heartbeat: '/presence/heartbeat',
  'online-count': '/presence/online-count',
};

/** What changes from request to request. */
function nextRequest(kind: RequestKind): () => Pick<autocannon.Request, 'body' | 'headers'> {
  const json = { 'content-type': 'application/json' };
  let events = 0;
  const nextJson = (): string => toJson(nextEvent(events++));
  switch (kind) {
    case 'batch':
      return () => {
        const batch = Array.from({ length: spec.batchSize }, nextJson);
        return { headers: json, body: `{"events":[${batch.join()}]}` };
      };
    case 'single':
      return () => ({ headers: json, body: `{"events":[${nextJson()}]}` });
    case 'heartbeat': {
      const tokens = Array.from({ length: TOKENS }, (_, i) => `Bearer ${signToken({ sub: String(i + 1) })}`);
      let next = Math.floor(Math.random() * TOKENS);
      return () => {
        next = (next + 1) % TOKENS;
        return {
          headers: { ...json, authorization: tokens[next] ?? '' },
          body: `{"installId":"${installOf(next + 1)}","appVersion":"2.4.0","clientTs":${Math.floor(Date.now() / 1000)}}`,
        };
      };
    }
    case 'online-count': {
      const headers = { authorization: `Bearer ${signToken({ sub: '1', jti: randomUUID() })}` };
      return () => ({ headers });
    }
  }
}

const next = nextRequest(spec.kind);
const cpuBefore = process.cpuUsage();
const result = await autocannon({
  url: spec.url,
  connections: spec.connections,
  duration: spec.seconds,
  requests: [
    {
      // The empty route has one address and method for all.
      method: spec.kind === 'online-count' && !spec.toEmptyRoute ? 'GET' : 'POST',
      path: spec.toEmptyRoute ? '/' : PATHS[spec.kind],
      setupRequest: (request) => Object.assign(request, next()),
    },
  ],
});
const { user, system } = process.cpuUsage(cpuBefore);
const answer: LoadResult = {
  ok: result['2xx'],
  refused: result.non2xx,
  errors: result.errors,
  seconds: result.duration,
  p50Ms: result.latency.p50,
  p99Ms: result.latency.p99,
  generatorCpuSeconds: (user + system) / 1e6,
};
console.log(JSON.stringify(answer));
