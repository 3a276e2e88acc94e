import { createHash } from 'node:crypto';
import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { HttpConfig } from '../../config/http.config.js';
import { requestsLimitedTotal } from '../../shared/metrics/metrics.js';
import { countCharacters, isPrintable } from '../../shared/utils/text.util.js';
import { BATCH_ROUTE } from './body-limits.js';
import { clientAddress } from './client-address.js';
import { replyWithProblem } from './problem-reply.js';

const WINDOW_MS = 60_000;
/** Clients remembered in process, a few hundred bytes each; the one not seen for longest is forgotten first. */
const MAX_REMEMBERED = 50_000;
/** While Redis is away each replica counts by itself, and asks again after this long. */
const REDIS_RETRY_MS = 5_000;
const INSTALL_ID_MIN_LENGTH = 8;
const INSTALL_ID_MAX_LENGTH = 128;
/** Whoever watches over us must always come through. */
const UNLIMITED = /^\/(health\/(live|ready)|metrics)(?:$|\?)/;

type Count = Awaited<ReturnType<ReturnType<FastifyInstance['createRateLimit']>>>;
type Limiter = (request: FastifyRequest) => Promise<Count>;

/** Redis as the limiter's library uses it; null: every replica counts for itself. */
export type RateLimitStore = object | null;

/** Provides what {@link limitRequests} counts in. */
export const RATE_LIMIT_STORE = Symbol('RateLimitStore');

/**
 * Requests a minute by client: by address (of IPv6 the /64 network) before a request is read, and by install once its
 * body is. Shared by all replicas where there is Redis. Answers say how much is left, by the tighter of the two.
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
      if (!UNLIMITED.test(request.url)) return apply(request, reply, await limiter(request), 'address');
    });
  }
  if (limits.perInstall !== null) {
    const limiter = await createLimiter(
      fastify,
      store,
      limits.perInstall,
      (request) => installKey(request) ?? '',
    );
    fastify.addHook('preHandler', async (request, reply) => {
      if (installKey(request) !== null) return apply(request, reply, await limiter(request), 'install');
    });
  }
}

async function createLimiter(
  fastify: FastifyInstance,
  store: RateLimitStore,
  max: number,
  keyGenerator: (request: FastifyRequest) => string,
): Promise<Limiter> {
  const options = { global: false, max, timeWindow: WINDOW_MS, cache: MAX_REMEMBERED };
  const create = async (redis: RateLimitStore): Promise<Limiter> => {
    let limiter: Limiter | undefined;
    // A scope of its own: the library keeps one store a scope.
    await fastify.register(async (scope) => {
      await scope.register(rateLimit, { ...options, ...(redis !== null && { redis, nameSpace: 'rate:' }) });
      limiter = scope.createRateLimit({ max, timeWindow: WINDOW_MS, keyGenerator });
    });
    return limiter as Limiter;
  };
  const alone = await create(null);
  return store === null ? alone : preferring(await create(store), alone);
}

/** The shared counter, or one's own while the shared one fails; no request ever waits for it to come back. */
function preferring(shared: Limiter, alone: Limiter): Limiter {
  let retryAtMs = 0;
  let probing = false;
  return async (request) => {
    if (retryAtMs === 0) {
      try {
        return await shared(request);
      } catch {
        // The connection itself says that Redis is away.
        retryAtMs = performance.now() + REDIS_RETRY_MS;
        return alone(request);
      }
    }
    if (!probing && performance.now() >= retryAtMs) {
      probing = true;
      shared(request)
        .then(
          () => (retryAtMs = 0),
          () => (retryAtMs = performance.now() + REDIS_RETRY_MS),
        )
        .finally(() => (probing = false))
        .catch(() => undefined); // neither of the two above throws
    }
    return alone(request);
  };
}

function apply(
  request: FastifyRequest,
  reply: FastifyReply,
  count: Count,
  by: 'address' | 'install',
): FastifyReply | undefined {
  if (count.isAllowed) return undefined;
  const { max, remaining, ttlInSeconds, isExceeded } = count;
  const left = Number(reply.getHeader('ratelimit-remaining') ?? Infinity);
  if (remaining <= left) {
    void reply
      .header('ratelimit-limit', max)
      .header('ratelimit-remaining', remaining)
      .header('ratelimit-reset', ttlInSeconds);
  }
  if (!isExceeded) return undefined;
  requestsLimitedTotal.inc({ by });
  return replyWithProblem(request, reply, {
    status: 429,
    code: 'rate_limited',
    detail: `More than ${max} requests a minute from this ${by}. Send the same request again after ${ttlInSeconds} s.`,
    retryAfterSeconds: ttlInSeconds,
  });
}

/**
 * Of a heartbeat, or of the first event in a batch that names one. What is no install id is not looked at: it would be
 * another key each time. Hashed: what identifies a device belongs into no key of Redis.
 */
function installKey({ body, routeOptions }: FastifyRequest): string | null {
  const installId =
    routeOptions.url === BATCH_ROUTE ? firstInstallId(fieldOf(body, 'events')) : installIdOf(body);
  return installId === null ? null : `install:${createHash('sha1').update(installId).digest('base64url')}`;
}

function firstInstallId(events: unknown): string | null {
  if (!Array.isArray(events)) return null;
  for (const event of events) {
    const installId = installIdOf(event);
    if (installId !== null) return installId;
  }
  return null;
}

function installIdOf(value: unknown): string | null {
  const given = fieldOf(value, 'installId');
  if (typeof given !== 'string') return null;
  const installId = given.trim();
  // A character is one or two units: what is far too long is not counted through.
  if (installId.length < INSTALL_ID_MIN_LENGTH || installId.length > 2 * INSTALL_ID_MAX_LENGTH) return null;
  const length = countCharacters(installId);
  const isOne = length >= INSTALL_ID_MIN_LENGTH && length <= INSTALL_ID_MAX_LENGTH && isPrintable(installId);
  return isOne ? installId : null;
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}
