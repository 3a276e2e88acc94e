/** Shades from the lightest to the strongest; styles/heat.css has a class for each. */
export const HEAT_STEPS = 7;

/**
 * Returns the class of a value's shade. Shades follow the square root, since few places have most of the users and
 * the differences among the others would not be seen.
 *
 * @param max the largest value shown; it gets the strongest shade
 */
export function heatClass(value: number, max: number): string {
  if (value <= 0 || max <= 0) return 'heat-0';
  return `heat-${Math.min(HEAT_STEPS, Math.max(1, Math.ceil(Math.sqrt(value / max) * HEAT_STEPS)))}`;
}

/** Returns the largest value of each shade, ascending; the last is `max`. */
export function heatBounds(max: number): number[] {
  return Array.from({ length: HEAT_STEPS }, (_, index) => max * ((index + 1) / HEAT_STEPS) ** 2);
}
