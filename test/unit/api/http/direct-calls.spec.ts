import type { INestApplicationContext, Provider, Type } from '@nestjs/common';
import {
  GUARDS_METADATA,
  INTERCEPTORS_METADATA,
  PIPES_METADATA,
  ROUTE_ARGS_METADATA,
} from '@nestjs/common/constants.js';
import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { FastifyInstance } from 'fastify';
import { callDirectly } from '../../../../src/api/http/direct-calls.js';
import { ApiModule } from '../../../../src/api/api.module.js';
import { AnalyticsController } from '../../../../src/api/controllers/analytics.controller.js';
import { PresenceController } from '../../../../src/api/controllers/presence.controller.js';
import { VerifiedTokens } from '../../../../src/shared/guards/verified-tokens.js';
import { INSTALL } from '../../../support/builders.js';

const TOKEN = 'Bearer known';
const HEARTBEAT = { installId: INSTALL, appVersion: '2.4.0', clientTs: 1736874000 };
const BATCH = { events: [{ eventName: 'page_view' }], sentAt: 1736874000 };
const NEST = { of: 'nest' };

interface Sent {
  readonly url?: string;
  readonly headers?: { readonly authorization?: string };
  readonly body?: unknown;
}
interface Route {
  readonly method: string;
  readonly url: string;
  handler: (this: object, request: object, reply: object) => unknown;
}

let nowMs = 1_000_000;
const reply = { sent: false };
const errorHandler = jest.fn();
const presence = {
  heartbeat: jest.fn<(...args: unknown[]) => Promise<string>>(() => Promise.resolve('heartbeat')),
};
const analytics = {
  batchEvents: jest.fn<(...args: unknown[]) => Promise<string>>(() => Promise.resolve('events')),
};

const namesOf = (parts: unknown): string[] =>
  ((parts ?? []) as readonly { readonly name: string }[]).map(({ name }) => name);

/** Names what Nest asks before a method: its guards, pipes and interceptors, and the pipes of its parameters. */
function askedBefore(controller: Type, method: string): Readonly<Record<string, readonly string[]>> {
  const handler = (controller.prototype as Readonly<Record<string, object>>)[method] ?? {};
  const read = (key: string): string[] =>
    [controller, handler].flatMap((target) => namesOf(Reflect.getMetadata(key, target)));
  const parameters = Object.values(
    Reflect.getMetadata(ROUTE_ARGS_METADATA, controller, method) as Readonly<
      Record<string, { readonly pipes: unknown }>
    >,
  );
  return {
    guards: read(GUARDS_METADATA),
    pipes: read(PIPES_METADATA),
    interceptors: read(INTERCEPTORS_METADATA),
    parameterPipes: parameters.flatMap(({ pipes }) => namesOf(pipes)),
  };
}

/** Names the guards, filters, pipes and interceptors of every route. */
function askedEverywhere(): string[] {
  const { providers = [] } = ApiModule.register({ module: ApiModule });
  return providers.flatMap((provider: Provider) => {
    if (!('useClass' in provider) || typeof provider.provide === 'function') return [];
    return [`${String(provider.provide)}: ${provider.useClass.name}`];
  });
}

/** Returns a route as Nest registers it, after the hook has seen it. */
function routeOf(url: string, method = 'POST'): Route {
  const tokens = new VerifiedTokens(() => nowMs);
  tokens.remember(TOKEN, { userId: 42n, roles: [], validUntilMs: 2_000_000 });
  const parts = new Map<unknown, unknown>([
    [VerifiedTokens, tokens],
    [PresenceController, presence],
    [AnalyticsController, analytics],
  ]);
  const app = { get: (type: unknown) => parts.get(type) } as unknown as INestApplicationContext;
  const route: Route = { method, url, handler: () => NEST };
  const fastify = {
    addHook: (_name: string, hook: (added: Route) => void) => {
      hook(route);
    },
  };
  callDirectly(fastify as unknown as FastifyInstance, app);
  return route;
}

function send(url: string, { url: address = url, headers = {}, body }: Sent): unknown {
  return routeOf(url).handler.call({ errorHandler }, { url: address, headers, body }, reply);
}

beforeEach(() => {
  nowMs = 1_000_000;
  reply.sent = false;
  jest.clearAllMocks();
});

describe('A failure of the controller', () => {
  const failure = new Error('Redis is away');
  const body = HEARTBEAT;
  const headers = { authorization: TOKEN };

  it('is the answer', async () => {
    presence.heartbeat.mockRejectedValueOnce(failure);
    await expect(send('/presence/heartbeat', { headers, body })).rejects.toBe(failure);
    expect(errorHandler).not.toHaveBeenCalled();
  });

  it('that comes after the time limit has answered still meets the filter, which logs it', async () => {
    presence.heartbeat.mockImplementationOnce(() => {
      reply.sent = true;
      return Promise.reject(failure);
    });
    await expect(send('/presence/heartbeat', { headers, body })).resolves.toBeUndefined();
    expect(errorHandler).toHaveBeenCalledWith(failure, expect.anything(), reply);
  });
});

describe('A request that every guard and pipe admits', () => {
  it('of a heartbeat goes to the controller with the user of its token and the declared fields', async () => {
    const body = { ...HEARTBEAT, battery: 0.5 };
    await expect(send('/presence/heartbeat', { headers: { authorization: TOKEN }, body })).resolves.toBe(
      'heartbeat',
    );
    expect(presence.heartbeat).toHaveBeenCalledWith(42n, HEARTBEAT);
  });

  it.each([
    ['without a token', {}, undefined],
    ['with a known token', { authorization: TOKEN }, 42n],
  ])('of events %s goes to the controller', async (_, headers, userId) => {
    await expect(send('/analytics/events', { headers, body: BATCH })).resolves.toBe('events');
    expect(analytics.batchEvents).toHaveBeenCalledWith(BATCH, userId);
  });
});

describe('A request that a guard or a pipe may refuse is left to Nest', () => {
  const known = { authorization: TOKEN };
  it.each<[string, string, Sent]>([
    ['a heartbeat without a token', '/presence/heartbeat', { body: HEARTBEAT }],
    [
      'a heartbeat with a new token',
      '/presence/heartbeat',
      { headers: { authorization: 'Bearer new' }, body: HEARTBEAT },
    ],
    [
      'a heartbeat with a parameter',
      '/presence/heartbeat',
      { url: '/presence/heartbeat?a=1', headers: known, body: HEARTBEAT },
    ],
    ['a heartbeat without a body', '/presence/heartbeat', { headers: known }],
    ['a heartbeat in an array', '/presence/heartbeat', { headers: known, body: [HEARTBEAT] }],
    [
      'a heartbeat with a wrong field',
      '/presence/heartbeat',
      { headers: known, body: { ...HEARTBEAT, clientTs: '5' } },
    ],
    ['a heartbeat without a field', '/presence/heartbeat', { headers: known, body: { installId: INSTALL } }],
    [
      'events with a new token',
      '/analytics/events',
      { headers: { authorization: 'Bearer new' }, body: BATCH },
    ],
    ['events with an empty token', '/analytics/events', { headers: { authorization: '' }, body: BATCH }],
    ['events with a parameter', '/analytics/events', { url: '/analytics/events?a=1', body: BATCH }],
    ['events in no envelope', '/analytics/events', { body: [] }],
    ['events at a wrong time', '/analytics/events', { body: { ...BATCH, sentAt: 'now' } }],
  ])('%s', (_, url, sent) => {
    expect(send(url, sent)).toBe(NEST);
    expect(presence.heartbeat).not.toHaveBeenCalled();
    expect(analytics.batchEvents).not.toHaveBeenCalled();
  });

  it('a token that was known and has expired', () => {
    nowMs = 2_000_000;
    expect(send('/presence/heartbeat', { headers: known, body: HEARTBEAT })).toBe(NEST);
    expect(send('/analytics/events', { headers: known, body: BATCH })).toBe(NEST);
  });

  it('any other method and route', () => {
    for (const [url, method] of [
      ['/presence/heartbeat', 'GET'],
      ['/presence/online-count', 'POST'],
    ] as const)
      expect(routeOf(url, method).handler({ url, headers: known, body: HEARTBEAT }, {})).toBe(NEST);
  });
});

describe('What Nest asks before the two routes is what the short way knows', () => {
  it('of every route', () => {
    expect(askedEverywhere()).toEqual([
      'APP_GUARD: JwtAuthGuard',
      'APP_FILTER: DomainExceptionFilter',
      'APP_PIPE: DtoValidationPipe',
    ]);
  });

  it('of heartbeats', () => {
    expect(askedBefore(PresenceController, 'heartbeat')).toEqual({
      guards: ['KnownParametersGuard'],
      pipes: [],
      interceptors: [],
      parameterPipes: [],
    });
  });

  it('of events', () => {
    expect(askedBefore(AnalyticsController, 'batchEvents')).toEqual({
      guards: ['KnownParametersGuard', 'OptionalAuthGuard'],
      pipes: [],
      interceptors: [],
      parameterPipes: ['EventBatchPipe'],
    });
  });
});
