import type { HttpSender } from '../simulation/delivery/http-client.js';
import type { TokenIssuer } from '../simulation/delivery/token-issuer.js';
import { DemoError } from './demo-service.js';

/** Requests in flight at a time. */
const CONCURRENCY = 8;

interface DemoEvent {
  readonly userId: string;
}

/**
 * Sends sessions of today as their devices would. The service counts them in the live DAU at once, while sessions of an
 * import, which is another process, reach it with the comparison of the next minute.
 *
 * @throws DemoError when the service does not take them
 */
export async function sendSessions(
  http: HttpSender,
  tokens: TokenIssuer,
  events: readonly object[],
): Promise<void> {
  const byUser = new Map<string, DemoEvent[]>();
  for (const event of events as readonly DemoEvent[])
    byUser.set(event.userId, [...(byUser.get(event.userId) ?? []), event]);
  const waiting = [...byUser];
  const sendNext = async (): Promise<void> => {
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const [userId, own] = next;
      const body = JSON.stringify({ events: own });
      const token = tokens.forUser(userId);
      const outcome = await http.send({ method: 'POST', path: '/analytics/events', body, token });
      if (outcome.kind !== 'response' || outcome.status !== 200)
        throw new DemoError(
          `The service did not take a session: ${outcome.kind === 'response' ? `status ${outcome.status}` : outcome.reason}`,
        );
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, sendNext));
}
