/** Counters of the primary process, which does not load the metrics of the service. */
export const WORKER_RESTARTS = {
  name: 'analytics_worker_restarts_total',
  help: 'Workers that crashed and were replaced',
};
export const WORKER_HANGS = {
  name: 'analytics_worker_hangs_total',
  help: 'Workers that were killed because they said nothing for a minute',
};
