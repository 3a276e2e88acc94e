import type { Trait } from './device-plan.js';
import type { Random } from './random.js';

/** Errors far above the 5 minutes from which the service corrects event times by `sentAt`. */
const LARGE_ERRORS_HOURS = [-31, -5, -2, 2, 5, 26];
/** A bound far below these 5 minutes: the service keeps such event times as they are. */
export const LARGEST_SMALL_ERROR_MS = 120_000;

/** Chooses the error of a device's clock; most clocks are right. */
export function chooseClockError(random: Random, traits: Set<Trait>): number {
  const dice = random.next();
  if (dice < 0.02) {
    traits.add('clock wrong by hours');
    return Math.round(random.pick(LARGE_ERRORS_HOURS) * 3_600_000 + random.between(-600_000, 600_000));
  }
  if (dice < 0.04) {
    traits.add('clock off by up to 2 min');
    return Math.round(random.between(-LARGEST_SMALL_ERROR_MS, LARGEST_SMALL_ERROR_MS));
  }
  return 0;
}
