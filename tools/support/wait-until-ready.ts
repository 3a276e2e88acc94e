import { setTimeout as delay } from 'node:timers/promises';
import { CheckFailedError } from './check-steps.js';
import { describeExit, lastOutput, type StartedProcess } from './processes.js';

const REQUEST_TIMEOUT_MS = 10_000;

/**
 * Polls `GET /health/ready` until the service answers 200.
 *
 * @param options.status the status that the answer must name; without it any is accepted
 * @throws CheckFailedError when the service ends or is not ready within `timeoutMs`
 */
export async function waitUntilReady(
  url: string,
  service: StartedProcess,
  options: { readonly timeoutMs: number; readonly status?: 'ok' | 'degraded' },
): Promise<void> {
  const deadlineMs = performance.now() + options.timeoutMs;
  for (;;) {
    const exit = service.exit();
    if (exit !== undefined) {
      throw new CheckFailedError(`The service ended with ${describeExit(exit)}:\n${lastOutput(service)}`);
    }
    const answer = await requestReadiness(url);
    if (answer.statusCode === 200 && (options.status === undefined || answer.status === options.status))
      return;
    if (performance.now() > deadlineMs) {
      throw new CheckFailedError(
        `The service is not ready after ${options.timeoutMs / 1000} s: ${answer.text}\n${lastOutput(service)}`,
      );
    }
    await delay(100);
  }
}

interface ReadinessAnswer {
  readonly statusCode?: number;
  readonly status?: unknown;
  readonly text: string;
}

async function requestReadiness(url: string): Promise<ReadinessAnswer> {
  try {
    const response = await fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS) });
    const text = await response.text();
    const { status } = JSON.parse(text) as { readonly status?: unknown };
    return { statusCode: response.status, status, text: `${response.status} ${text}` };
  } catch (error) {
    return { text: String(error) };
  }
}
