/** Every scheduled job; the label `job` of the metrics. */
export const JOBS = [
  'online-snapshot',
  'presence-repair',
  'presence-cleanup',
  'realtime-dau',
  'maintenance',
  'dau-rolling',
  'dau-yesterday',
  'retention',
  'figure-metrics',
] as const;

export type Job = (typeof JOBS)[number];
