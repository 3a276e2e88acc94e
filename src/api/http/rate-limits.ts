import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { RateLimitStore } from '../../application/ports/rate-limit-store.port.js';
import type { HttpConfig } from '../../config/http.config.js';
import { requestsLimitedTotal } from '../../shared/metrics/metrics.js';
import { clientAddress } from './client-address.js';
import { installKeyOf } from './install-key.js';
import { refuseRequest } from './problem.js';
import { SharedCounts } from './shared-counts.js';

const WINDOW_MS = 60_000;
/** Clients counted in process, a few hundred bytes each; the least recently seen is evicted first. */
const MAX_COUNTED_CLIENTS = 50_000;
/** Probes and metrics are never limited: monitoring must always get through. */
export const UNLIMITED = /^\/(health\/(live|ready)|metrics)(?:$|\?)/;

interface Count {
  readonly max: number;
  readonly remaining: number;
  readonly ttlInSeconds: number;
  readonly isExceeded: boolean;
}

type Limiter = (request: FastifyRequest) => Promise<Count>;

/**
 * Limits requests a minute by address before a request is read, and by install once its body is parsed.
 * Replicas share the counts where there is Redis. Answers state the tighter limit.
 */
export async function limitRequests(
  fastify: FastifyInstance,
  limits: HttpConfig['limits'],
  store: RateLimitStore | null,
): Promise<void> {
  const shared = store === null ? null : new SharedCounts(store);
  if (limits.perAddress !== null) {
    const limiter = await createLimiter(fastify, shared, limits.perAddress, addressKeyOf);
    fastify.addHook('onRequest', async (request, reply) => {
      if (!UNLIMITED.test(request.url)) return applyLimit(request, reply, await limiter(request), 'address');
    });
  }
  if (limits.perInstall !== null) {
    const limiter = await createLimiter(
      fastify,
      shared,
      limits.perInstall,
      (request) => installKeyOf(request) ?? '',
    );
    fastify.addHook('preHandler', async (request, reply) => {
      if (installKeyOf(request) !== null)
        return applyLimit(request, reply, await limiter(request), 'install');
    });
  }
}

function addressKeyOf(request: FastifyRequest): string {
  return `address:${clientAddress(request)}`;
}

async function createLimiter(
  fastify: FastifyInstance,
  shared: SharedCounts | null,
  max: number,
  keyGenerator: (request: FastifyRequest) => string,
): Promise<Limiter> {
  const local = await createLocalLimiter(fastify, max, keyGenerator);
  if (shared === null) return local;
  return async (request) => {
    const window = await shared.increment(keyGenerator(request), WINDOW_MS);
    if (window === null) return local(request);
    const { count, endsInMs } = window;
    return {
      max,
      remaining: Math.max(0, max - count),
      ttlInSeconds: Math.ceil(endsInMs / 1000),
      isExceeded: count > max,
    };
  };
}

async function createLocalLimiter(
  fastify: FastifyInstance,
  max: number,
  keyGenerator: (request: FastifyRequest) => string,
): Promise<Limiter> {
  const options = { global: false, max, timeWindow: WINDOW_MS, cache: MAX_COUNTED_CLIENTS };
  let count: ReturnType<FastifyInstance['createRateLimit']> | undefined;
  // The library keeps one store in each Fastify scope.
  await fastify.register(async (scope) => {
    await scope.register(rateLimit, options);
    count = scope.createRateLimit({ max, timeWindow: WINDOW_MS, keyGenerator });
  });
  return async (request) => {
    const result = await (count as NonNullable<typeof count>)(request);
    // The library skips the count only for clients on an allow list, and no limiter here has one.
    if (result.isAllowed) throw new TypeError('The limiter let a request pass uncounted');
    return result;
  };
}

function applyLimit(
  request: FastifyRequest,
  reply: FastifyReply,
  count: Count,
  by: 'address' | 'install',
): FastifyReply | undefined {
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
