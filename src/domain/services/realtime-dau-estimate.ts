/** Standard error of 2^14 registers, 1.04 / sqrt(16384): Redis documents 0.81 %. */
export const REALTIME_DAU_STANDARD_ERROR = 0.0081;

/** Standard errors beyond which a live figure is wrong rather than unlucky: one day in 15,000. */
const TOLERATED_STANDARD_ERRORS = 4;
/** Tolerance for small sets, which are off by single users. */
const TOLERATED_USERS = 3;

/** Returns how far a correct live figure may be from the exact one. */
export function toleratedDifference(exact: number): number {
  return Math.max(TOLERATED_USERS, TOLERATED_STANDARD_ERRORS * REALTIME_DAU_STANDARD_ERROR * exact);
}

/**
 * True when the live figure has lost identities. A figure that is too high cannot be repaired by adding.
 *
 * @param shortfall how far the complete figure of the day is known to be below the exact one
 */
export function hasLost(live: number, exact: number, shortfall = 0): boolean {
  return (live === 0 && exact > 0) || exact - live - shortfall > toleratedDifference(exact);
}
