import { request, signToken } from '../../test/support/http.js';
import type { BenchContext } from './context.js';
import {
  countStoredEvents,
  countStoredEventsWhenQuiet,
  earliestEventTime,
  type BenchLog,
} from './event-log.js';
import { GATEWAY_USERS, HEARTBEAT_USERS, type Load } from './load.js';
import { ONLINE_USERS_KEY } from './online-users.js';

/**
 * Reads the stored state before a load, and returns a function for after it.
 * That function throws when the state does not hold what the service acknowledged.
 */
export type LoadCheck = () => Promise<(responses: number) => Promise<void>>;

/** Accepts a load that stores nothing. */
export const expectNothing: LoadCheck = () => Promise.resolve(() => Promise.resolve());

/** Expects every acknowledged event in the log. */
export function expectEventsStored(
  { servers }: { readonly servers: BenchLog },
  { batchSize, connections }: Load,
): LoadCheck {
  return async () => {
    const from = earliestEventTime();
    const before = await countStoredEventsWhenQuiet(servers, from);
    return async (responses) => {
      const stored = (await countStoredEvents(servers, from)) - before;
      // The log may also hold the requests that the generator left in flight at its end.
      if (stored < responses * batchSize || stored > (responses + connections) * batchSize) {
        throw new Error(`${responses * batchSize} events were acknowledged, and ${stored} are in the log`);
      }
    };
  };
}

/** Expects every user whose heartbeat was acknowledged to be online. */
export function expectUsersOnline({ servers: { redis } }: BenchContext, { connections }: Load): LoadCheck {
  return async () => {
    const start = Math.floor(Date.now() / 1000);
    return async (responses) => {
      const online = await redis.zcount(ONLINE_USERS_KEY, start, '+inf');
      // Each connection may have had one request that was unsent or in flight at the end.
      if (online < Math.min(responses, HEARTBEAT_USERS) - connections || online > HEARTBEAT_USERS) {
        throw new Error(`${responses} heartbeats were acknowledged, and ${online} users are online`);
      }
    };
  };
}

/** Expects every user whom a gateway reported to be online. */
export function expectGatewayUsersOnline(
  { servers: { redis } }: BenchContext,
  { batchSize, connections }: Load,
): LoadCheck {
  return async () => {
    const start = Math.floor(Date.now() / 1000);
    return async (responses) => {
      const online = await redis.zcount(ONLINE_USERS_KEY, start, '+inf');
      if (online < Math.min((responses - connections) * batchSize, GATEWAY_USERS)) {
        throw new Error(
          `${responses * batchSize} heartbeats were acknowledged, and ${online} users are online`,
        );
      }
    };
  };
}

/** Expects the service to return this online count before and after the load. */
export function expectOnlineCount({ serviceUrl }: BenchContext, users: number): LoadCheck {
  const token = signToken({ sub: '1' });
  const check = async (): Promise<void> => {
    const { status, text, body } = await request(`${serviceUrl}/presence/online-count`, { token });
    if (status !== 200 || (body as { count?: number }).count !== users) {
      throw new Error(`${users} users are online, and the service answers ${status}: ${text}`);
    }
  };
  return async () => {
    await check();
    return check;
  };
}
