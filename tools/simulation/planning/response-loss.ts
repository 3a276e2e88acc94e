import type { ResponseLoss } from './device-plan.js';
import type { Random } from './random.js';

const MAX_LOSSES = 3;
/** Responses of a nearby service take a few milliseconds, so some aborts precede and some follow them. */
const MEAN_ABORT_MS = 8;

/** Chooses how the responses to the first attempts at a message are lost. */
export function planLosses(random: Random, probability: number): ResponseLoss[] {
  const losses: ResponseLoss[] = [];
  while (losses.length < MAX_LOSSES && random.chance(probability)) {
    losses.push(
      random.chance(0.6)
        ? { kind: 'abort', afterMs: Math.round(random.exponential(MEAN_ABORT_MS)) }
        : { kind: 'discard' },
    );
  }
  return losses;
}
