import { COHORTS } from '../rules/active-interval.rule.js';
import { FreshGauge } from './fresh-gauge.js';
import { metricsRegistry } from './metrics.js';

/**
 * A little more than the period of the job that counts the figures: the value of a replica ends soon after another one
 * has counted, so `max` does not show an old one.
 */
const MAX_AGE_MS = 6 * 60_000;
const TAKE_MAX = 'by one replica every 5 min: take the max; NaN when older than 6 min';

/** Days whose figures are exported, Asia/Shanghai. */
export const FIGURE_DAYS = ['today', 'yesterday'] as const;
export type FigureDay = (typeof FIGURE_DAYS)[number];
export const ROLLING_WINDOWS = [7, 30] as const;
export const LIFECYCLE_KINDS = ['new', 'returning', 'resurrected', 'dormant'] as const;
export const RETENTION_AFTER = [1, 7, 30] as const;
/** Bounds the series of cities, whose names come from clients. */
export const TOP_CITIES = 20;
/** Days whose DAU is exported, today included. */
export const DAU_DAYS = 30;
export const DAY_STATES = ['final', 'provisional'] as const;
/** Label of all places that are none of the 34 provinces; clients may send any name. */
export const OTHER_PLACES = 'other';

function gauge(name: string, help: string, label?: readonly string[]): FreshGauge {
  return new FreshGauge({
    name,
    help: `${help}, counted ${TAKE_MAX}`,
    ...(label !== undefined && { label }),
    maxAgeMs: MAX_AGE_MS,
    registry: metricsRegistry,
  });
}

export const rollingActiveUsers = gauge(
  'analytics_rolling_active_users',
  'Distinct users of the 7 or 30 days that end on the day',
  ['window', 'day'],
);

export const stickinessRatio = gauge(
  'analytics_stickiness_ratio',
  'DAU of the day divided by the active users of its 30 days',
  ['day'],
);

export const lifecycleUsers = gauge(
  'analytics_lifecycle_users',
  'Users of the day: new, returning, resurrected (returning, not active the day before), dormant (active the day before alone)',
  ['kind', 'day'],
);

export const retentionRatio = gauge(
  'analytics_retention_ratio',
  'Share of the last cohort, new or active on its day, that was active again 1, 7 or 30 days later, on yesterday',
  ['cohort', 'after'],
);

export const provinceActiveUsers = gauge(
  'analytics_province_active_users',
  'Distinct users seen in a province on the day; other sums the places that are no province',
  ['province', 'day'],
);

export const cityActiveUsers = gauge(
  'analytics_city_active_users',
  `Distinct users seen in a city on the day, of the ${TOP_CITIES} cities with the most on that day`,
  ['city', 'day'],
);

export const dauByDay = gauge(
  'analytics_dau_by_day',
  `Active users of each of the last ${DAU_DAYS} days (YYYY-MM-DD, Asia/Shanghai), final or provisional`,
  ['date', 'state'],
);

export const onlinePeakUsers = gauge('analytics_online_peak_users', 'Most users online on the day (PCU)', [
  'day',
]);

export const onlineAverageUsers = gauge(
  'analytics_online_average_users',
  'Mean of the users online on the day (ACU)',
  ['day'],
);

export const onlineMissedMinutes = gauge(
  'analytics_online_missed_minutes',
  'Minutes of the day, up to now, that no replica has counted',
  ['day'],
);

export const onlineRecordUsers = gauge('analytics_online_record_users', 'Most users online of all time');

export const activesBuiltSeconds = gauge(
  'analytics_actives_built_timestamp_seconds',
  'Unix time of the last build of the days behind rolling, lifecycle and retention figures',
);

for (const day of FIGURE_DAYS) {
  for (const window of ROLLING_WINDOWS) rollingActiveUsers.announce([String(window), day]);
  for (const kind of LIFECYCLE_KINDS) lifecycleUsers.announce([kind, day]);
  for (const each of [stickinessRatio, onlinePeakUsers, onlineAverageUsers, onlineMissedMinutes])
    each.announce(day);
  provinceActiveUsers.announce([OTHER_PLACES, day]);
}
for (const cohort of COHORTS)
  for (const after of RETENTION_AFTER) retentionRatio.announce([cohort, String(after)]);
