import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { errorCodesIn } from '../exceptions/error-catalogue.js';

/** Registry of all metrics. Names follow the Prometheus conventions: unit last, `_total` for counters. */
export const metricsRegistry = new Registry();

collectDefaultMetrics({ register: metricsRegistry });

const registers = [metricsRegistry];

export const httpRequestDurationSeconds = new Histogram({
  name: 'analytics_http_request_duration_seconds',
  help: 'Time from the first byte of a request to the last of its answer',
  labelNames: ['method', 'route', 'status'] as const,
  buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5],
  registers,
});

export const requestsLimitedTotal = new Counter({
  name: 'analytics_requests_limited_total',
  help: 'Requests refused by limit: address or install (429); connection counts those closed for unread answers',
  labelNames: ['by'] as const,
  registers,
});

export const redisCommandDurationSeconds = new Histogram({
  name: 'analytics_redis_command_duration_seconds',
  help: 'Time of a Redis command until its answer, by command; waits for a connection and retries included',
  labelNames: ['command'] as const,
  buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1],
  registers,
});

export const eventsTotal = new Counter({
  name: 'analytics_events_total',
  help: 'Events by result: accepted, duplicate or rejected',
  labelNames: ['result'] as const,
  registers,
});

export const eventsRejectedTotal = new Counter({
  name: 'analytics_events_rejected_total',
  help: 'Rejected events by error code',
  labelNames: ['code'] as const,
  registers,
});

export const flushDurationSeconds = new Histogram({
  name: 'analytics_flush_duration_seconds',
  help: 'Duration of the statement that writes a flush of events',
  buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2],
  registers,
});

export const flushRows = new Histogram({
  name: 'analytics_flush_rows',
  help: 'Events in one flush',
  buckets: [1, 5, 10, 50, 100, 250, 500, 1000, 2000],
  registers,
});

export const flushQueueRows = new Gauge({
  name: 'analytics_flush_queue_rows',
  help: 'Events waiting for a flush, weighted by size; on a cluster by bucket',
  labelNames: ['bucket'],
  registers,
});

export const flushQueueLimitRows = new Gauge({
  name: 'analytics_flush_queue_limit_rows',
  help: 'Bound of the queue of analytics_flush_queue_rows, above which requests are refused with 503',
  labelNames: ['bucket'],
  registers,
});

export const flushFailuresTotal = new Counter({
  name: 'analytics_flush_failures_total',
  help: 'Flushes that failed; their requests were answered 503 and are sent again',
  registers,
});

/** Pool of database connections, as its gauge reads it. */
interface MeasuredPool {
  readonly totalCount: number;
  readonly idleCount: number;
  readonly waitingCount: number;
}

/** Pools of this process by name; each scrape reads them. */
export const databasePools = new Map<string, MeasuredPool>();

export const databaseConnections = new Gauge({
  name: 'analytics_database_connections',
  help: 'Database connections by pool and state: in_use, idle; waiting counts callers without a connection',
  labelNames: ['pool', 'state'] as const,
  registers,
  collect() {
    for (const [pool, { totalCount, idleCount, waitingCount }] of databasePools) {
      this.set({ pool, state: 'in_use' }, totalCount - idleCount);
      this.set({ pool, state: 'idle' }, idleCount);
      this.set({ pool, state: 'waiting' }, waitingCount);
    }
  },
});

export const realtimeDauFailuresTotal = new Counter({
  name: 'analytics_realtime_dau_failures_total',
  help: 'Additions to the live DAU that failed; the day is rebuilt from the active set',
  registers,
});

export const jobRunsTotal = new Counter({
  name: 'analytics_job_runs_total',
  help: 'Scheduled jobs by outcome: done (also when another replica did it), skipped (the last run is still running), failed',
  labelNames: ['job', 'outcome'] as const,
  registers,
});

export const jobLastSuccessSeconds = new Gauge({
  name: 'analytics_job_last_success_timestamp_seconds',
  help: 'Unix time of the last successful run in this process; NaN before the first one',
  labelNames: ['job'] as const,
  aggregator: 'max',
  registers,
});

export const outboxRowsTotal = new Counter({
  name: 'analytics_outbox_rows_total',
  help: 'Outbox messages by outcome: published, or failed and tried again',
  labelNames: ['outcome'] as const,
  registers,
});

export const outboxWaitingRows = new Gauge({
  name: 'analytics_outbox_waiting_rows',
  help: 'Messages waiting to be published, counted every 10 s, at most a million; NaN while unknown',
  aggregator: 'max',
  registers,
});

export const outboxOldestSeconds = new Gauge({
  name: 'analytics_outbox_oldest_age_seconds',
  help: 'Age of the oldest waiting message; 0 when none waits, NaN while unknown',
  aggregator: 'max',
  registers,
});

// Starts at NaN: the default of 0 would claim that nothing waits.
outboxWaitingRows.set(NaN);
outboxOldestSeconds.set(NaN);

export const consumerMessagesTotal = new Counter({
  name: 'analytics_consumer_messages_total',
  help: 'Consumed messages by outcome: handled, skipped (not needed), dead_lettered',
  labelNames: ['topic', 'outcome'] as const,
  registers,
});

export const consumerRetriesTotal = new Counter({
  name: 'analytics_consumer_retries_total',
  help: 'Holds of a partition because a message could not be handled yet',
  labelNames: ['topic'] as const,
  registers,
});

export const consumerLagMessages = new Gauge({
  name: 'analytics_consumer_lag_messages',
  help: 'Messages behind the end of a partition, as seen at its last batch; absent while another process has it',
  labelNames: ['topic', 'partition'] as const,
  aggregator: 'max',
  registers,
});

export const consumerJoined = new Gauge({
  name: 'analytics_consumer_joined',
  help: '1 while this process is a member of the consumer group, else 0',
  labelNames: ['topic'] as const,
  aggregator: 'max',
  registers,
});

export const publisherDroppedTotal = new Counter({
  name: 'analytics_publisher_dropped_total',
  help: 'Best-effort events dropped because the buffer was full or the broker refused them',
  registers,
});

// A counter that appears with its first increment hides that increment from rate() and increase().
for (const by of ['address', 'install', 'connection']) requestsLimitedTotal.inc({ by }, 0);
for (const result of ['accepted', 'duplicate', 'rejected']) eventsTotal.inc({ result }, 0);
for (const code of errorCodesIn('event')) eventsRejectedTotal.inc({ code }, 0);
for (const outcome of ['published', 'failed']) outboxRowsTotal.inc({ outcome }, 0);
