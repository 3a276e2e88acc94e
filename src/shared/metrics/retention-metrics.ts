import { Counter } from 'prom-client';
import { FreshGauge } from './fresh-gauge.js';
import { metricsRegistry } from './metrics.js';

const registers = [metricsRegistry];

export const retentionDaysTotal = new Counter({
  name: 'analytics_retention_dropped_days_total',
  help: 'Days that retention dropped, of the events (log) or the actives (active sets)',
  labelNames: ['data'] as const,
  registers,
});

export const retentionBytesTotal = new Counter({
  name: 'analytics_retention_dropped_bytes_total',
  help: 'Bytes of the days that retention dropped, indexes included',
  labelNames: ['data'] as const,
  registers,
});

/** Follows each run, which one replica makes every night. */
export const retentionOverdueDays = new FreshGauge({
  name: 'analytics_retention_overdue_days',
  help: 'Partitions past their limit after the last run: take the max; NaN when it is older than 26 h, or while retention is off',
  maxAgeMs: 26 * 60 * 60 * 1000,
  registry: metricsRegistry,
});

for (const data of ['events', 'actives']) {
  retentionDaysTotal.inc({ data }, 0);
  retentionBytesTotal.inc({ data }, 0);
}
