import { graph, renderDashboard, stat, type Row } from './dashboard.js';

const SERVICE = 'instance=~"$instance"';
const rate = (series: string): string => `rate(${series}[$__rate_interval])`;
const quantile = (q: number, histogram: string, by: string): string =>
  `histogram_quantile(${q}, sum by (le, ${by}) (${rate(`${histogram}_bucket{${SERVICE}}`)}))`;
const REQUESTS = 'analytics_http_request_duration_seconds';

const STATE: Row = {
  title: 'State',
  panels: [
    stat({
      title: 'Replicas',
      description: 'Processes that Prometheus reaches, by version.',
      queries: [{ expr: `count by (version) (analytics_build_info{${SERVICE}})`, legend: '{{version}}' }],
    }),
    stat({
      title: 'Dependencies',
      description: '1 while the last check of every replica passed; see "Health" in docs/operations.md.',
      alarm: 1,
      isLowBad: true,
      queries: [
        {
          expr: `min by (dependency) (analytics_dependency_up{${SERVICE}})`,
          legend: '{{dependency}}',
        },
      ],
    }),
    stat({
      title: 'Requests that failed',
      description: 'Share of answers with 5xx; 503 means that a dependency is unavailable.',
      unit: 'percentunit',
      alarm: 0.001,
      queries: [
        {
          expr:
            `sum(${rate(`${REQUESTS}_count{${SERVICE},status=~"5.."}`)}) / ` +
            `sum(${rate(`${REQUESTS}_count{${SERVICE}}`)})`,
          legend: '5xx',
        },
      ],
    }),
    stat({
      title: 'Oldest message in the outbox',
      description: 'Above 300 s, npm run outbox:status names the last error.',
      unit: 's',
      alarm: 300,
      queries: [{ expr: `max(analytics_outbox_oldest_age_seconds{${SERVICE}})`, legend: 'age' }],
    }),
  ],
};

const REQUESTS_ROW: Row = {
  title: 'Requests',
  panels: [
    graph({
      title: 'Requests a second, by route',
      description: 'Without the streams of GET /live.',
      unit: 'reqps',
      queries: [{ expr: `sum by (route) (${rate(`${REQUESTS}_count{${SERVICE}}`)})`, legend: '{{route}}' }],
    }),
    graph({
      title: 'Slowest hundredth of the requests, by route',
      description:
        'Time from the first byte of a request to the last of its answer; bounded by 2 s after the body.',
      unit: 's',
      queries: [{ expr: quantile(0.99, REQUESTS, 'route'), legend: '{{route}}' }],
    }),
    graph({
      title: 'Refused requests a second',
      description: 'Answers with 4xx and 5xx. Many limited by address: check TRUSTED_PROXIES.',
      queries: [
        {
          expr: `sum by (status) (${rate(`${REQUESTS}_count{${SERVICE},status=~"[45].."}`)})`,
          legend: '{{status}}',
        },
        {
          expr: `sum by (by) (${rate(`analytics_requests_limited_total{${SERVICE}}`)})`,
          legend: 'limited by {{by}}',
        },
      ],
    }),
  ],
};

const INGEST: Row = {
  title: 'Ingest',
  panels: [
    graph({
      title: 'Slowest hundredth of the flushes',
      description: 'A slow disk shows here first.',
      unit: 's',
      queries: [
        {
          expr: `histogram_quantile(0.99, sum by (le) (${rate(`analytics_flush_duration_seconds_bucket{${SERVICE}}`)}))`,
          legend: 'p99',
        },
      ],
    }),
    graph({
      title: 'Events that wait for a flush',
      description: 'Share of the fullest queue. When it is full, new requests are refused with 503.',
      unit: 'percentunit',
      alarm: 0.5,
      queries: [
        {
          expr: `max(analytics_flush_queue_rows{${SERVICE}} / analytics_flush_queue_limit_rows{${SERVICE}})`,
          legend: 'fullest queue',
        },
      ],
    }),
    graph({
      title: 'Flushes that failed',
      description: 'Their requests got 503 and are sent again. Look at the database and at the log.',
      queries: [
        {
          expr: `sum(increase(analytics_flush_failures_total{${SERVICE}}[$__rate_interval]))`,
          legend: 'failed',
        },
      ],
    }),
  ],
};

const STORES: Row = {
  title: 'Stores',
  panels: [
    graph({
      title: 'Database connections, by pool',
      description: 'Callers that wait for long mean a pool that is too small or a slow database.',
      queries: [
        {
          expr: `sum by (pool, state) (analytics_database_connections{${SERVICE}})`,
          legend: '{{pool}} {{state}}',
        },
      ],
    }),
    graph({
      title: 'Slowest hundredth of the Redis commands',
      description: 'Heartbeats fail above 0.7 s; limits are not shared above 0.15 s.',
      unit: 's',
      queries: [
        {
          expr: quantile(0.99, 'analytics_redis_command_duration_seconds', 'command'),
          legend: '{{command}}',
        },
      ],
    }),
    graph({
      title: 'Clock of the machine beside the stores',
      description: 'Beyond 5 s either way the readiness is degraded: synchronise the machine.',
      unit: 's',
      alarm: 5,
      queries: [{ expr: `max(abs(analytics_clock_offset_seconds{${SERVICE}}))`, legend: 'largest offset' }],
    }),
  ],
};

const MESSAGES: Row = {
  title: 'Messages',
  panels: [
    graph({
      title: 'Outbox',
      description: 'Messages that wait grow while Kafka is unavailable; each is published afterwards.',
      queries: [
        { expr: `max(analytics_outbox_waiting_rows{${SERVICE}})`, legend: 'waiting' },
        {
          expr: `sum by (outcome) (${rate(`analytics_outbox_rows_total{${SERVICE}}`)})`,
          legend: '{{outcome}} a second',
        },
      ],
    }),
    graph({
      title: 'Consumer lag, by topic',
      description: 'Messages behind the end of the topic.',
      queries: [
        {
          expr: `sum by (topic) (max by (topic, partition) (analytics_consumer_lag_messages{${SERVICE}}))`,
          legend: '{{topic}}',
        },
      ],
    }),
    graph({
      title: 'Lost or undeliverable messages',
      description: 'Heartbeat events that were dropped; consumed messages that became dead letters.',
      queries: [
        {
          expr: `sum(increase(analytics_publisher_dropped_total{${SERVICE}}[$__rate_interval]))`,
          legend: 'dropped heartbeats',
        },
        {
          expr: `sum(increase(analytics_consumer_messages_total{${SERVICE},outcome="dead_lettered"}[$__rate_interval]))`,
          legend: 'dead letters',
        },
      ],
    }),
  ],
};

const PROCESSES: Row = {
  title: 'Jobs, watchers and processes',
  panels: [
    graph({
      title: 'Time since the last success of a job',
      description: 'Alarm when older than two periods on every replica.',
      unit: 's',
      width: 8,
      queries: [
        {
          expr: `time() - max by (job) (analytics_job_last_success_timestamp_seconds{${SERVICE}})`,
          legend: '{{job}}',
        },
      ],
    }),
    graph({
      title: 'Watchers of GET /live',
      description: 'Open streams of all replicas, and streams that were refused or dropped.',
      width: 8,
      queries: [
        { expr: `sum(analytics_live_watchers{${SERVICE}})`, legend: 'open' },
        {
          expr: `sum by (reason) (increase(analytics_live_streams_ended_total{${SERVICE}}[$__rate_interval]))`,
          legend: 'ended: {{reason}}',
        },
        {
          expr: `sum by (by) (increase(analytics_live_streams_refused_total{${SERVICE}}[$__rate_interval]))`,
          legend: 'refused by {{by}}',
        },
      ],
    }),
    graph({
      title: 'CPU of a process',
      description: 'A process has one core for its requests.',
      unit: 'percentunit',
      width: 8,
      queries: [{ expr: rate(`process_cpu_seconds_total{${SERVICE}}`), legend: '{{instance}}' }],
    }),
    graph({
      title: 'Memory of a process',
      description: 'About 300 MB under full load.',
      unit: 'bytes',
      width: 12,
      queries: [{ expr: `process_resident_memory_bytes{${SERVICE}}`, legend: '{{instance}}' }],
    }),
    graph({
      title: 'Delay of the event loop',
      description: 'Slowest hundredth; above 0.1 s the process has more work than a core.',
      unit: 's',
      width: 12,
      queries: [{ expr: `nodejs_eventloop_lag_p99_seconds{${SERVICE}}`, legend: '{{instance}}' }],
    }),
  ],
};

/** Shows what an operator looks at. */
export function serviceHealth(): string {
  return renderDashboard({
    uid: 'analytics-presence-service',
    title: 'Analytics & Presence: service health',
    description:
      'Requests, stores, messages, jobs and processes. docs/operations.md says what to do about each.',
    timeFrom: 'now-6h',
    rows: [STATE, REQUESTS_ROW, INGEST, STORES, MESSAGES, PROCESSES],
  });
}
