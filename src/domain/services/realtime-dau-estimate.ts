/** Standard error of 2^14 registers, 1.04 / sqrt(16384): Redis documents 0.81 %. */
export const REALTIME_DAU_STANDARD_ERROR = 0.0081;

/** Beyond this many standard errors (one day in 15,000) a live figure is wrong rather than unlucky. */
const TOLERATED_STANDARD_ERRORS = 4;
/** Small sets are off by single users. */
const TOLERATED_USERS = 3;

/** How far a live figure may be from the exact one. */
export function toleratedDifference(exact: number): number {
  return Math.max(TOLERATED_USERS, TOLERATED_STANDARD_ERRORS * REALTIME_DAU_STANDARD_ERROR * exact);
}

/** True when the live figure has lost somebody. One that is too high is not: adding again would not lower it. */
export function hasLost(live: number, exact: number): boolean {
  return (live === 0 && exact > 0) || exact - live > toleratedDifference(exact);
}
