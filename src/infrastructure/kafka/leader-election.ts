import { setTimeout as delay } from 'node:timers/promises';
import { backoffMs } from '../system/backoff.js';

/** Answers of a broker while the leader of a partition changes, or has just been chosen. */
const ELECTION_ERRORS = new Set(['NOT_LEADER_FOR_PARTITION', 'LEADER_NOT_AVAILABLE']);
/** Eight attempts take about seven seconds, longer than an election. */
const MAX_ATTEMPTS = 8;
const BOUNDS = { minMs: 100, maxMs: 2000 };

interface ElectionRetry {
  /** Tells a refusal during an election from another failure; by default one of kafkajs. */
  readonly isElection?: (error: unknown) => boolean;
  /** Pauses after a failed attempt. */
  readonly wait?: (attempt: number) => Promise<unknown>;
}

/**
 * Runs the work again while leaders are being elected; the clients themselves give up at once.
 *
 * @throws the error of the last attempt
 */
export async function retryDuringElection<T>(
  work: () => Promise<T>,
  { isElection = isElectionError, wait = (attempt) => delay(backoffMs(attempt, BOUNDS)) }: ElectionRetry = {},
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (attempt >= MAX_ATTEMPTS || !isElection(error)) throw error;
      await wait(attempt);
    }
  }
}

/** kafkajs wraps the answer of the broker once it has given up. */
function isElectionError(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return ('type' in error && ELECTION_ERRORS.has(String(error.type))) || isElectionError(error.cause);
}
