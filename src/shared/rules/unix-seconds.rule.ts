/** The year 5138 in seconds and 1973 in milliseconds: separates the two units for every clock of today. */
const MAX_UNIX_SECONDS = 1e11;

/** True for a number of Unix seconds, fractions allowed; false for today's milliseconds. */
export function isUnixSeconds(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value < MAX_UNIX_SECONDS;
}

export function describeUnixSeconds(field: string): string {
  return `${field} must be a number of Unix seconds (not milliseconds)`;
}
