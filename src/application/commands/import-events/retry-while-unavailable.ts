import { isUnavailableException } from '../../../shared/exceptions/service-exception.js';
import type { IBackoff } from '../../ports/backoff.port.js';

const MAX_ATTEMPTS = 6;

/** Repeats work that fails because a dependency is unavailable, so that a short outage does not end a long command. */
export async function retryWhileUnavailable<T>(backoff: IBackoff, work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (!isUnavailableException(error) || attempt >= MAX_ATTEMPTS) throw error;
      await backoff.wait(attempt);
    }
  }
}
