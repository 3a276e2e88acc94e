import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { RateLimitStore } from '../../application/ports/rate-limit-store.port.js';
import type { HttpConfig } from '../../config/http.config.js';
import { requestsLimitedTotal } from '../../shared/metrics/metrics.js';
import { clientAddress } from './client-address.js';
import { installKeyOf } from './install-key.js';
import { refuseRequest } from './problem.js';

const WINDOW_MS = 60_000;
/** Clients counted in process, a few hundred bytes each; the least recently seen is evicted first. */
const MAX_COUNTED_CLIENTS = 50_000;
/** Pause before the shared store is tried again; each replica counts for itself meanwhile. */
const STORE_RETRY_MS = 5_000;
/** Probes and metrics are never limited: monitoring must always get through. */
const UNLIMITED = /^\/(health\/(live|ready)|metrics)(?:$|\?)/;

type Count = Awaited<ReturnType<ReturnType<FastifyInstance['createRateLimit']>>>;
type Limiter = (request: FastifyRequest) => Promise<Count>;

/**
 * Limits requests a minute by address before a request is read, and by install once its body is parsed.
 * Replicas share the counts where there is Redis. Answers state the tighter limit.
 */
export async function limitRequests(
  fastify: FastifyInstance,
  limits: HttpConfig['limits'],
  store: RateLimitStore,
): Promise<void> {
  if (limits.perAddress !== null) {
    const limiter = await createLimiter(
      fastify,
      store,
      limits.perAddress,
      (request) => `address:${clientAddress(request)}`,
    );
    fastify.addHook('onRequest', async (request, reply) => {
      if (!UNLIMITED.test(request.url)) return applyLimit(request, reply, await limiter(request), 'address');
    });
  }
  if (limits.perInstall !== null) {
    const limiter = await createLimiter(
      fastify,
      store,
      limits.perInstall,
      (request) => installKeyOf(request) ?? '',
    );
    fastify.addHook('preHandler', async (request, reply) => {
      if (installKeyOf(request) !== null)
        return applyLimit(request, reply, await limiter(request), 'install');
    });
  }
}

async function createLimiter(
  fastify: FastifyInstance,
  store: RateLimitStore,
  max: number,
  keyGenerator: (request: FastifyRequest) => string,
): Promise<Limiter> {
  const options = { global: false, max, timeWindow: WINDOW_MS, cache: MAX_COUNTED_CLIENTS };
  const create = async (redis: RateLimitStore): Promise<Limiter> => {
    let limiter: Limiter | undefined;
    // The library keeps one store in each Fastify scope.
    await fastify.register(async (scope) => {
      await scope.register(rateLimit, { ...options, ...(redis !== null && { redis, nameSpace: 'rate:' }) });
      limiter = scope.createRateLimit({ max, timeWindow: WINDOW_MS, keyGenerator });
    });
    return limiter as Limiter;
  };
  const local = await create(null);
  return store === null ? local : withFallback(await create(store), local);
}

/** Counts in the shared store, and locally while it fails; no request waits for the store to recover. */
function withFallback(shared: Limiter, local: Limiter): Limiter {
  let retryAtMs = 0;
  let probing = false;
  return async (request) => {
    if (retryAtMs === 0) {
      try {
        return await shared(request);
      } catch {
        // The Redis connection logs the outage.
        retryAtMs = performance.now() + STORE_RETRY_MS;
        return local(request);
      }
    }
    if (!probing && performance.now() >= retryAtMs) {
      probing = true;
      shared(request)
        .then(
          () => (retryAtMs = 0),
          () => (retryAtMs = performance.now() + STORE_RETRY_MS),
        )
        .finally(() => (probing = false))
        .catch(() => undefined); // neither handler above throws
    }
    return local(request);
  };
}

function applyLimit(
  request: FastifyRequest,
  reply: FastifyReply,
  count: Count,
  by: 'address' | 'install',
): FastifyReply | undefined {
  if (count.isAllowed) return undefined;
  const { max, remaining, ttlInSeconds, isExceeded } = count;
  const stated = Number(reply.getHeader('ratelimit-remaining') ?? Infinity);
  if (remaining <= stated) {
    void reply
      .header('ratelimit-limit', max)
      .header('ratelimit-remaining', remaining)
      .header('ratelimit-reset', ttlInSeconds);
  }
  if (!isExceeded) return undefined;
  requestsLimitedTotal.inc({ by });
  return refuseRequest(request, reply, 'rate_limited', {
    detail: `More than ${max} requests a minute from this ${by}. Send the same request again after ${ttlInSeconds} s.`,
    retryAfterSeconds: ttlInSeconds,
  });
}
