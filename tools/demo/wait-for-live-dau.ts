import { setTimeout as delay } from 'node:timers/promises';
import type { HttpSender } from '../simulation/delivery/http-client.js';

/** The service compares and repairs the live DAU every minute. */
const TIMEOUT_MS = 90_000;
const PERIOD_MS = 250;
/** Standard errors by which the estimate may lie beside the exact figure. */
const STANDARD_ERRORS = 4;

/**
 * Waits until the live DAU of today agrees with the exact one, within the error of an estimate.
 *
 * @returns false when it does not within the time
 */
export async function waitForLiveDau(http: HttpSender, token: string): Promise<boolean> {
  const deadlineMs = performance.now() + TIMEOUT_MS;
  do {
    const live = await read(http, token, '/analytics/dau/realtime');
    if (isLive(live)) {
      const exact = await read(
        http,
        token,
        `/analytics/dau?startDate=${live.day}&endDate=${live.day}&zeroDays=true`,
      );
      const [today] = isExact(exact) ? exact.data : [];
      if (today !== undefined && agrees(live, today.dauCount)) return true;
    }
    await delay(PERIOD_MS);
  } while (performance.now() < deadlineMs);
  return false;
}

interface Live {
  readonly day: string;
  readonly dauCount: number;
  readonly standardError: number;
}

interface Exact {
  readonly data: readonly { readonly dauCount: number }[];
}

/** Allows for the users who come between the two readings. */
function agrees({ dauCount, standardError }: Live, exact: number): boolean {
  return Math.abs(dauCount - exact) <= Math.max(5, STANDARD_ERRORS * standardError * exact);
}

async function read(http: HttpSender, token: string, path: string): Promise<unknown> {
  const outcome = await http.send({ method: 'GET', path, token });
  return outcome.kind === 'response' && outcome.status === 200 ? outcome.body : undefined;
}

function isLive(body: unknown): body is Live {
  return typeof body === 'object' && body !== null && 'standardError' in body;
}

function isExact(body: unknown): body is Exact {
  return typeof body === 'object' && body !== null && 'data' in body;
}
