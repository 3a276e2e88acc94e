import { isDateKey } from '../utils/timezone.util.js';

/** An ISO 8601 instant names its zone: without one it would depend on the zone of the process. */
const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})$/;

/** True for an instant that exists: `Date.parse` alone would read 30 February as 2 March. */
export function isInstant(value: unknown): boolean {
  return (
    typeof value === 'string' &&
    INSTANT.test(value) &&
    isDateKey(value.slice(0, 10)) &&
    !Number.isNaN(Date.parse(value))
  );
}
