import { describe, expect, it } from '@jest/globals';
import { loadConfiguration } from '../../../src/config/configuration.js';
import { minRetentionDays } from '../../../src/config/rules/retention.rules.js';
import { CLAIMS_MARGIN_DAYS, LIVE_DAYS } from '../../../src/shared/rules/retention.rule.js';
import { problemsOf } from './problems-of.js';

describe('the limits of retention', () => {
  it('are off unless they are set', () => {
    expect(loadConfiguration({}).app.retention).toEqual({ events: null, actives: null });
    expect(loadConfiguration({ RETENTION_DAYS_EVENTS: '400' }).app.retention).toEqual({
      events: 400,
      actives: null,
    });
  });

  it.each([1, 7, 30, 366])('are never below what late events of %i days need', (maxAge) => {
    const min = minRetentionDays(maxAge);
    // A claim of the oldest event is as old as the limit, and is followed for as long again.
    expect(min).toBeGreaterThan(2 * maxAge + CLAIMS_MARGIN_DAYS);
    expect(min).toBeGreaterThan(LIVE_DAYS);
    const environment = (days: number) => ({
      EVENT_MAX_AGE_DAYS: String(maxAge),
      RETENTION_DAYS_EVENTS: String(days),
      RETENTION_DAYS_ACTIVES: String(days),
    });
    expect(problemsOf(environment(min))).toEqual([]);
  });

  it('name the limit, the age limit that demands it, and the next step', () => {
    expect(problemsOf({ RETENTION_DAYS_EVENTS: '16', RETENTION_DAYS_ACTIVES: '9' })).toEqual([
      'RETENTION_DAYS_ACTIVES must be a whole number from 10 to 36500, it is "9": correct it in the environment or in .env',
      'RETENTION_DAYS_EVENTS must be at least 17 while EVENT_MAX_AGE_DAYS is 7, it is 16: late copies of events may be ' +
        'as old. Raise it, or lower EVENT_MAX_AGE_DAYS',
    ]);
  });
});
