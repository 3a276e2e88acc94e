import createClient, { type Client } from 'openapi-fetch';
import { ProblemError, toProblem } from './problem.js';
import type { PublicPaths } from './routes.js';
import type { ServerClock } from './server-clock.js';
import type { Session } from './session.js';

/** The service bounds its own work by less. */
const ANSWER_TIMEOUT_MS = 30_000;

export type Api = Client<PublicPaths, 'application/json'>;

interface Answer<T> {
  readonly data?: T;
  readonly error?: unknown;
  readonly response: Response;
}

/** A client of the public routes that sends the token of the session and learns from each answer. */
export function createApi(session: Session, clock: ServerClock): Api {
  return createClient<PublicPaths, 'application/json'>({
    baseUrl: globalThis.location.origin,
    fetch: authorizedFetch(session, clock, ANSWER_TIMEOUT_MS),
  });
}

/**
 * Sends the token, and ends the session when the service refuses the token.
 *
 * @param timeoutMs bounds the whole answer; null for a stream
 */
export function authorizedFetch(session: Session, clock: ServerClock, timeoutMs: number | null) {
  return async (request: Request): Promise<Response> => {
    const { token } = session.get();
    const headers = new Headers(request.headers);
    if (token !== null) headers.set('authorization', `Bearer ${token}`);
    const signals = [request.signal, ...(timeoutMs === null ? [] : [AbortSignal.timeout(timeoutMs)])];
    const learn = clock.expectAnswer();
    const response = await fetch(request, { headers, signal: AbortSignal.any(signals) });
    learn(response.headers.get('date'));
    if (response.status === 401) session.refuse(token, await codeOf(response.clone()));
    return response;
  };
}

/** Returns the body of a success. @throws ProblemError */
export async function bodyOf<T>(call: Promise<Answer<T>>): Promise<T> {
  const { data, error, response } = await call;
  if (!response.ok || data === undefined) throw new ProblemError(toProblem(response, error));
  return data;
}

async function codeOf(response: Response): Promise<string | null> {
  const body: unknown = await response.json().catch(() => null);
  return toProblem(response, body).code;
}
