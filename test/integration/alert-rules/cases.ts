/** Values of series in Prometheus' notation for tests: `start+step x repetitions`. */
export type Series = Readonly<Record<string, string>>;

export interface AlertCase {
  readonly alert: string;
  /** Series under which the alert fires at `atMinute`. */
  readonly wrong: Series;
  /** Series under which it must stay silent for the same time. */
  readonly well: Series;
  readonly atMinute: number;
  /** Minutes between two values and between two evaluations; 1 by default. */
  readonly everyMinutes?: number;
  /** The line that the operator reads. */
  readonly summary: string;
  /** Labels of the alert beside its severity. */
  readonly labels?: Readonly<Record<string, string>>;
}

const POSTED = 'analytics_http_request_duration_seconds_count{method="POST",route="/analytics/events"';
const BEATS = 'analytics_http_request_duration_seconds_count{method="POST",route="/presence/heartbeat"';
const GATEWAY_BEATS =
  'analytics_http_request_duration_seconds_count{method="POST",route="/internal/presence/heartbeats"';
const READ = 'analytics_http_request_duration_seconds_count{method="GET",route="/analytics/dau"';
const RUNS = 'analytics_job_runs_total';
const LAST_ROLLUP = 'analytics_job_last_success_timestamp_seconds{job="dau-rolling"}';
const OLDEST = 'analytics_outbox_oldest_age_seconds';

/** 5 of 100 posts fail. */
const FAILING_POSTS = { [`${POSTED},status="503"}`]: '0+30x600', [`${BEATS},status="200"}`]: '0+570x600' };
/** 1 of 2,000 posts fails, and every read does, which is no ingest. */
const HEALTHY_POSTS = {
  [`${POSTED},status="503"}`]: '0+1x600',
  [`${POSTED},status="429"}`]: '0+500x600',
  [`${BEATS},status="200"}`]: '0+1499x600',
  [`${READ},status="503"}`]: '0+600x600',
};
const WITH_KAFKA = { 'analytics_dependency_up{dependency="kafka",instance="a"}': '1x600' };
const LATE_MESSAGES = { ...WITH_KAFKA, [OLDEST]: '90x600', [`${OLDEST}{instance="b"}`]: '0x600' };
const TIMELY_MESSAGES = { ...WITH_KAFKA, [OLDEST]: '30x600' };
/** The last calculation was at the start; the hourly one takes turns between replicas. */
const STALE_FIGURES = { [LAST_ROLLUP]: '0x600' };
const FRESH_FIGURES = {
  [LAST_ROLLUP]: '0+60x600',
  'analytics_job_last_success_timestamp_seconds{job="retention"}': '0x600',
};

const FRESH_FIGURES_EVERY_4_MINUTES = { [LAST_ROLLUP]: '0+240x150' };

const LATE = 'messages wait longer than 60 seconds for Kafka, or their age is unknown';

const UNKNOWN = Array.from({ length: 150 }, () => 'NaN').join(' ');

export const CASES: readonly AlertCase[] = [
  {
    alert: 'IngestErrorsBurnFast',
    summary: '5% of the last 1h: posts of events and heartbeats are answered with 5xx.',
    wrong: FAILING_POSTS,
    well: HEALTHY_POSTS,
    atMinute: 65,
  },
  {
    alert: 'IngestErrorsBurnFast',
    summary: '5% of the last 1h: posts of events and heartbeats are answered with 5xx.',
    // The posts of gateways fail, and no others.
    wrong: { [`${GATEWAY_BEATS},status="503"}`]: '0+30x600', [`${POSTED},status="200"}`]: '0+570x600' },
    well: { [`${GATEWAY_BEATS},status="200"}`]: '0+30x600', [`${POSTED},status="200"}`]: '0+570x600' },
    atMinute: 65,
  },
  {
    alert: 'IngestErrorsBurnSlow',
    summary: '5% of the last 6h: posts of events and heartbeats are answered with 5xx.',
    wrong: FAILING_POSTS,
    well: HEALTHY_POSTS,
    atMinute: 400,
    everyMinutes: 4,
  },
  {
    alert: 'MessagesLateBurnFast',
    summary: `100% of the last 1h: ${LATE}.`,
    wrong: LATE_MESSAGES,
    well: TIMELY_MESSAGES,
    atMinute: 65,
  },
  {
    alert: 'MessagesLateBurnFast',
    summary: `100% of the last 1h: ${LATE}.`,
    // No replica knows the age.
    wrong: { ...WITH_KAFKA, [OLDEST]: UNKNOWN, [`${OLDEST}{instance="b"}`]: UNKNOWN },
    // One of two does.
    well: { ...TIMELY_MESSAGES, [`${OLDEST}{instance="b"}`]: UNKNOWN },
    atMinute: 65,
  },
  {
    alert: 'MessagesLateBurnFast',
    summary: `100% of the last 1h: ${LATE}.`,
    wrong: LATE_MESSAGES,
    // Nothing waits for a Kafka that is not configured.
    well: { [OLDEST]: UNKNOWN, 'analytics_dependency_up{dependency="database",instance="a"}': '1x600' },
    atMinute: 65,
  },
  {
    alert: 'MessagesLateBurnSlow',
    summary: `100% of the last 6h: ${LATE}.`,
    wrong: LATE_MESSAGES,
    well: TIMELY_MESSAGES,
    atMinute: 400,
    everyMinutes: 4,
  },
  {
    alert: 'FiguresStaleBurnFast',
    summary: '100% of the last 1h: the stored figures of today are older than 70 minutes.',
    wrong: STALE_FIGURES,
    well: FRESH_FIGURES,
    atMinute: 140,
  },
  {
    alert: 'FiguresStaleBurnFast',
    summary: '100% of the last 1h: the stored figures of today are older than 70 minutes.',
    // No replica has calculated since its start.
    wrong: { [LAST_ROLLUP]: UNKNOWN },
    // One of two has.
    well: { ...FRESH_FIGURES, [`${LAST_ROLLUP.slice(0, -1)},instance="b"}`]: UNKNOWN },
    atMinute: 140,
  },
  {
    alert: 'FiguresStaleBurnSlow',
    summary: '91.41% of the last 6h: the stored figures of today are older than 70 minutes.',
    wrong: STALE_FIGURES,
    well: FRESH_FIGURES_EVERY_4_MINUTES,
    atMinute: 400,
    everyMinutes: 4,
  },
  {
    alert: 'ServiceAbsent',
    summary: 'Prometheus scrapes no replica of Analytics & Presence.',
    wrong: { 'up{instance="a"}': '0x10' },
    well: { 'analytics_build_info{instance="a",version="1"}': '1x10' },
    atMinute: 5,
  },
  {
    alert: 'WorkersCrash',
    summary: 'Workers of a were replaced in the last quarter of an hour.',
    wrong: {
      'analytics_worker_restarts_total{instance="a"}': '0x5 1x30',
      'analytics_worker_hangs_total{instance="a"}': '0x35',
    },
    // The restart is long ago.
    well: {
      'analytics_worker_restarts_total{instance="a"}': '1x35',
      'analytics_worker_hangs_total{instance="a"}': '0x35',
    },
    atMinute: 12,
    labels: { instance: 'a' },
  },
  {
    alert: 'DependencyDown',
    summary: 'redis has failed the checks of every replica for a minute.',
    wrong: {
      'analytics_dependency_up{dependency="redis",instance="a"}': '0x10',
      'analytics_dependency_up{dependency="redis",instance="b"}': '0x10',
      'analytics_dependency_up{dependency="kafka",instance="a"}': '1x10',
    },
    // One replica of two reaches it.
    well: {
      'analytics_dependency_up{dependency="redis",instance="a"}': '0x10',
      'analytics_dependency_up{dependency="redis",instance="b"}': '1x10',
    },
    atMinute: 5,
    labels: { dependency: 'redis' },
  },
  {
    alert: 'DependencyDown',
    summary: 'database has failed the checks of every replica for a minute.',
    // No pod is ready, so no request arrives that could fail.
    wrong: {
      'analytics_dependency_up{dependency="database",instance="a"}': '1 1 0x10',
      'analytics_dependency_up{dependency="database",instance="b"}': '1 1 0x10',
      [`${POSTED},status="200"}`]: '0 600 600x10',
    },
    // A failover takes seconds.
    well: {
      'analytics_dependency_up{dependency="database",instance="a"}': '1 1 0 1x10',
      'analytics_dependency_up{dependency="database",instance="b"}': '1 1 0 1x10',
    },
    atMinute: 5,
    labels: { dependency: 'database' },
  },
  {
    alert: 'ChecksStandStill',
    summary: 'No replica knows the state of its dependencies.',
    wrong: { 'up{instance="a"}': '1x10' },
    well: {
      'analytics_dependency_up{dependency="redis",instance="b"}': '0x10',
    },
    atMinute: 7,
  },
  {
    alert: 'ChecksStandStill',
    summary: 'No replica knows the state of its dependencies.',
    // The last check of each is too old.
    wrong: {
      'analytics_dependency_up{dependency="redis",instance="a"}': '1 1 NaN NaN NaN NaN NaN NaN NaN NaN',
      'analytics_dependency_up{dependency="redis",instance="b"}': '1 1 NaN NaN NaN NaN NaN NaN NaN NaN',
    },
    well: {
      'analytics_dependency_up{dependency="redis",instance="a"}': '1 1 NaN NaN NaN NaN NaN NaN NaN NaN',
      'analytics_dependency_up{dependency="redis",instance="b"}': '1x10',
    },
    atMinute: 8,
  },
  {
    alert: 'FlushesFail',
    summary: 'Writes of events to PostgreSQL fail.',
    wrong: { analytics_flush_failures_total: '0 0 1x10' },
    well: { analytics_flush_failures_total: '7x12' },
    atMinute: 5,
  },
  {
    alert: 'FlushesQueueUp',
    summary: 'A queue of events that wait for their flush is 75% full.',
    wrong: {
      'analytics_flush_queue_rows{instance="a"}': '15000x10',
      'analytics_flush_queue_limit_rows{instance="a"}': '20000x10',
      'analytics_flush_queue_rows{instance="b"}': '0x10',
      'analytics_flush_queue_limit_rows{instance="b"}': '20000x10',
    },
    well: {
      'analytics_flush_queue_rows{instance="a"}': '9000x10',
      'analytics_flush_queue_limit_rows{instance="a"}': '20000x10',
      // The buckets of a cluster hold more events together than half of one bound.
      'analytics_flush_queue_rows{instance="b",bucket="0"}': '1200x10',
      'analytics_flush_queue_limit_rows{instance="b",bucket="0"}': '2500x10',
      'analytics_flush_queue_rows{instance="b",bucket="1"}': '1200x10',
      'analytics_flush_queue_limit_rows{instance="b",bucket="1"}': '2500x10',
    },
    atMinute: 5,
  },
  {
    alert: 'FlushesQueueUp',
    summary: 'A queue of events that wait for their flush is 60% full.',
    // One bucket of a cluster is full, though few events wait in all.
    wrong: {
      'analytics_flush_queue_rows{instance="a",bucket="0"}': '1500x10',
      'analytics_flush_queue_limit_rows{instance="a",bucket="0"}': '2500x10',
      'analytics_flush_queue_rows{instance="a",bucket="1"}': '0x10',
      'analytics_flush_queue_limit_rows{instance="a",bucket="1"}': '2500x10',
    },
    well: {
      'analytics_flush_queue_rows{instance="a",bucket="0"}': '100x10',
      'analytics_flush_queue_limit_rows{instance="a",bucket="0"}': '2500x10',
    },
    atMinute: 5,
  },
  {
    alert: 'NoOnlineSnapshot',
    summary: 'The users online have not been counted for ten minutes.',
    wrong: {
      [`${RUNS}{job="online-snapshot",outcome="done"}`]: '5x20',
      [`${RUNS}{job="online-snapshot",outcome="failed"}`]: '0+1x20',
    },
    // One of two replicas does not count.
    well: {
      [`${RUNS}{job="online-snapshot",outcome="done",instance="a"}`]: '5x20',
      [`${RUNS}{job="online-snapshot",outcome="done",instance="b"}`]: '0+1x20',
    },
    atMinute: 15,
  },
  {
    alert: 'HourlyJobStandsStill',
    summary: 'The job maintenance has not run for two hours.',
    wrong: {
      [`${RUNS}{job="maintenance",outcome="done"}`]: '3x300',
      [`${RUNS}{job="dau-rolling",outcome="done"}`]: '0+1x300',
    },
    well: { [`${RUNS}{job="maintenance",outcome="done"}`]: '0+1x300' },
    atMinute: 200,
    labels: { job: 'maintenance' },
  },
  {
    alert: 'YesterdayNotFinal',
    summary: 'The final figures of yesterday are missing.',
    wrong: { [`${RUNS}{job="dau-yesterday",outcome="done"}`]: '2x180' },
    well: { [`${RUNS}{job="dau-yesterday",outcome="done"}`]: '2x100 3x80' },
    atMinute: 1700,
    everyMinutes: 10,
  },
  {
    alert: 'RetentionFails',
    summary: 'The nightly drop of old days has failed.',
    wrong: { [`${RUNS}{job="retention",outcome="failed"}`]: '0x10 1x90' },
    well: {
      [`${RUNS}{job="retention",outcome="failed"}`]: '1x100',
      [`${RUNS}{job="dau-rolling",outcome="failed"}`]: '0x10 1x90',
    },
    atMinute: 600,
    everyMinutes: 30,
  },
  {
    alert: 'RetentionStandsStill',
    summary: '2 days are past their limit and are not dropped.',
    wrong: { analytics_retention_overdue_days: '2x100' },
    // It caught up within a night.
    well: {
      analytics_retention_overdue_days: '2x48 0x52',
    },
    atMinute: 2940,
    everyMinutes: 30,
  },
  {
    alert: 'MessagesWait',
    summary: 'The oldest message has waited 16m 40s for Kafka.',
    wrong: { [OLDEST]: '400+60x20' },
    well: { [OLDEST]: '280x20' },
    atMinute: 10,
  },
  {
    alert: 'HeartbeatEventsDropped',
    summary: 'Messages about heartbeats are dropped.',
    wrong: { analytics_publisher_dropped_total: '0+10x20' },
    well: { analytics_publisher_dropped_total: '4x20' },
    atMinute: 12,
  },
  {
    alert: 'NobodyConsumes',
    summary: 'No replica consumes identity-events.',
    wrong: { 'analytics_consumer_joined{topic="identity-events",instance="a"}': '0x20' },
    well: {
      'analytics_consumer_joined{topic="identity-events",instance="a"}': '0x20',
      'analytics_consumer_joined{topic="identity-events",instance="b"}': '1x20',
    },
    atMinute: 10,
    labels: { topic: 'identity-events' },
  },
  {
    alert: 'DeadLetters',
    summary: 'Messages of identity-events were not understood: 1.',
    wrong: {
      'analytics_consumer_messages_total{topic="identity-events",outcome="dead_lettered"}': '0 0 1x20',
    },
    well: {
      'analytics_consumer_messages_total{topic="identity-events",outcome="dead_lettered"}': '3x20',
      'analytics_consumer_messages_total{topic="identity-events",outcome="handled"}': '0+9x20',
    },
    atMinute: 6,
    labels: { topic: 'identity-events' },
  },
  {
    alert: 'ClockOff',
    summary: 'The clock of a is 7 seconds off.',
    wrong: { 'analytics_clock_offset_seconds{instance="a"}': '-7x20' },
    well: {
      'analytics_clock_offset_seconds{instance="a"}': '3x20',
    },
    atMinute: 10,
    labels: { instance: 'a' },
  },
  {
    alert: 'ManyRequestsLimited',
    summary: '15 requests a second are refused by the limit of their address.',
    wrong: { 'analytics_requests_limited_total{by="address"}': '0+900x40' },
    well: {
      'analytics_requests_limited_total{by="address"}': '0+60x40',
      'analytics_requests_limited_total{by="install"}': '0+900x40',
    },
    atMinute: 30,
  },
  {
    alert: 'ConnectionsExhausted',
    summary: '9 callers of a wait for a connection of the pool requests.',
    wrong: { 'analytics_database_connections{instance="a",pool="requests",state="waiting"}': '9x20' },
    well: {
      'analytics_database_connections{instance="a",pool="requests",state="waiting"}': '2x20',
      'analytics_database_connections{instance="a",pool="requests",state="in_use"}': '10x20',
    },
    atMinute: 10,
    labels: { instance: 'a', pool: 'requests' },
  },
];
