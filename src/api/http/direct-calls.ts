import type { INestApplicationContext } from '@nestjs/common';
import type { FastifyError, FastifyInstance, FastifyRequest } from 'fastify';
import type { AuthenticatedUser } from '../../shared/decorators/current-user.decorator.js';
import { VerifiedTokens } from '../../shared/guards/verified-tokens.js';
import { AnalyticsController } from '../controllers/analytics.controller.js';
import { PresenceController } from '../controllers/presence.controller.js';
import { HeartbeatDto } from '../dto/request/heartbeat.dto.js';
import { toSurelyValid } from '../validators/dto-validation.pipe.js';
import { EventBatchPipe } from '../validators/event.validator.js';
import { BATCH_ROUTE } from './batch-limit.js';

type KnownRequest = FastifyRequest & { user?: AuthenticatedUser };

/** Calls the controller for a request that the route's guards and pipes certainly admit; null leaves it to Nest. */
type DirectCall = (request: KnownRequest) => Promise<unknown> | null;

/**
 * Shortens the way of the two routes that apps call all the time: docs/adr/0033. What a guard or pipe could refuse
 * takes Nest's way. Register it before the routes, and teach it each new guard, pipe and interceptor of them.
 */
export function callDirectly(fastify: FastifyInstance, app: INestApplicationContext): void {
  const calls = createCalls(app);
  fastify.addHook('onRoute', (route) => {
    const call = route.method === 'POST' ? calls.get(route.url) : undefined;
    if (call === undefined) return;
    const { handler } = route;
    route.handler = function (request, reply) {
      const answer = call(request);
      if (answer === null) return handler.call(this, request, reply);
      return answer.catch((error: unknown) => {
        if (!reply.sent) throw error;
        // Fastify drops the failure of a request that its time limit has answered; the filter logs it.
        this.errorHandler(error as FastifyError, request, reply);
      });
    };
  });
}

function createCalls(app: INestApplicationContext): ReadonlyMap<string, DirectCall> {
  const tokens = app.get(VerifiedTokens, { strict: false });
  const presence = app.get(PresenceController, { strict: false });
  const analytics = app.get(AnalyticsController, { strict: false });
  const batches = new EventBatchPipe();
  return new Map<string, DirectCall>([
    [
      '/presence/heartbeat',
      (request) => {
        const user = findUser(tokens, request);
        if (user === undefined || hasQuery(request)) return null;
        const heartbeat = toSurelyValid(HeartbeatDto, request.body);
        return heartbeat === null ? null : presence.heartbeat(user.userId, heartbeat);
      },
    ],
    [
      BATCH_ROUTE,
      (request) => {
        const user = findUser(tokens, request);
        const isAnonymous = request.headers.authorization === undefined;
        if ((user === undefined && !isAnonymous) || hasQuery(request)) return null;
        const batch = batches.find(request.body);
        return batch === null ? null : analytics.batchEvents(batch, user?.userId);
      },
    ],
  ]);
}

/** Sets the user of a token that a guard has verified before, as the guards do. */
function findUser(tokens: VerifiedTokens, request: KnownRequest): AuthenticatedUser | undefined {
  const user = tokens.find(request.headers.authorization);
  if (user !== undefined) request.user = user;
  return user;
}

/** Parameters are for the guard that knows which ones a route takes. */
function hasQuery({ url }: FastifyRequest): boolean {
  return url.includes('?');
}
