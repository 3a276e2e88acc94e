import type { Environment } from '../variables/catalogue.js';

/** Days that claims of corrected events outlive the age limit of events, and one for the day that is not over. */
const CLAIMS_DAYS = 3;
/** The days of the live figures and two more; the database function that drops days has the same limit. */
const MIN_DAYS = 10;

/**
 * Returns the fewest days that retention may keep. A claim fixes a time that is as old as an event may be, and holds
 * until its copies are as old again; docs/adr/0020 gives the reasons.
 */
export function minRetentionDays(eventMaxAgeDays: number): number {
  return Math.max(2 * eventMaxAgeDays + CLAIMS_DAYS, MIN_DAYS);
}

/** Returns limits of retention below what late events need. */
export function retentionProblems(env: Environment): string[] {
  const min = minRetentionDays(env.EVENT_MAX_AGE_DAYS);
  return (['RETENTION_DAYS_EVENTS', 'RETENTION_DAYS_ACTIVES'] as const).flatMap((name) => {
    const days = env[name];
    if (days === undefined || days >= min) return [];
    return [
      `${name} must be at least ${min} while EVENT_MAX_AGE_DAYS is ${env.EVENT_MAX_AGE_DAYS}, it is ${days}: ` +
        'late copies of events may be as old. Raise it, or lower EVENT_MAX_AGE_DAYS',
    ];
  });
}
