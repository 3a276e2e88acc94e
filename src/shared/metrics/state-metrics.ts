import { FreshGauge } from './fresh-gauge.js';
import { metricsRegistry } from './metrics.js';

const TWO_MINUTES_MS = 120_000;

/** Follows each readiness check; the service runs one itself every 15 s. */
export const dependencyUp = new FreshGauge({
  name: 'analytics_dependency_up',
  help: '1 when the last check of a dependency passed, 0 when it failed; NaN when the last check is older than 1 min',
  label: 'dependency',
  // A dependency that one worker cannot reach is not up.
  aggregator: 'min',
  maxAgeMs: 60_000,
  registry: metricsRegistry,
});

export const onlineUsers = new FreshGauge({
  name: 'analytics_online_users',
  help: 'Users online, counted every minute by each replica: take the max, not the sum; NaN when older than 2 min',
  maxAgeMs: TWO_MINUTES_MS,
  registry: metricsRegistry,
});

export const dauToday = new FreshGauge({
  name: 'analytics_dau_today',
  help: 'Exact DAU of today in Asia/Shanghai, counted every minute by one replica: take the max; NaN when older than 2 min',
  maxAgeMs: TWO_MINUTES_MS,
  registry: metricsRegistry,
});

/** Follows each comparison with the stores' clock, every ten seconds. */
export const clockOffsetSeconds = new FreshGauge({
  name: 'analytics_clock_offset_seconds',
  help: 'Seconds by which the clock of this machine is ahead of the stores, negative when behind; NaN when older than 1 min',
  aggregator: 'average',
  maxAgeMs: 60_000,
  registry: metricsRegistry,
});
