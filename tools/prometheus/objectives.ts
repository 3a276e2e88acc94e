import { TimeWindow } from '../../src/domain/value-objects/time-window.vo.js';
import type { Alert, Objective } from './alert.js';

const INGEST_ROUTES = ['/analytics/events', '/presence/heartbeat', '/internal/presence/heartbeats'];
const INGEST = `method="POST",route=~"${INGEST_ROUTES.join('|')}"`;
const REQUESTS = 'analytics_http_request_duration_seconds_count';

/** The objectives of 30 days. Each has two alerts that tell how fast its budget of failures is used. */
export const OBJECTIVES: readonly Objective[] = [
  {
    title: 'Ingest is available',
    series: 'ingest_errors',
    target: 0.999,
    promise: 'of the posts of events and heartbeats are not answered with 5xx',
    badShare: (window) =>
      `sum(rate(${REQUESTS}{${INGEST},status=~"5.."}[${window}]))\n/ sum(rate(${REQUESTS}{${INGEST}}[${window}]))`,
    alert: {
      name: 'IngestErrors',
      subject: 'posts of events and heartbeats are answered with 5xx',
      meaning:
        'Apps keep refused events in their queues and send them again, so nothing is lost yet. Users look offline ' +
        `${TimeWindow.DEFAULT_ONLINE_WINDOW_SECONDS} seconds after their last heartbeat, and queues of apps that are deleted ` +
        'are lost. Only requests that reach a replica are counted: while no replica is ready, a balancer answers, and ' +
        '[DependencyDown](#dependencydown) pages.',
      look: [
        '`GET /health/ready` of each replica: which dependency is `down`.',
        'The dashboard "Service health", row "Requests": which route, which status.',
        'The log: lines with `database_` or `redis_` name the error code and the reason. `overloaded` has no line: ' +
          '`analytics_flush_queue_rows` shows it.',
      ],
      act: [
        'A dependency is down: follow [DependencyDown](#dependencydown).',
        '`overloaded`: follow [FlushesQueueUp](#flushesqueueup).',
        'Only one replica: restart it with SIGTERM; the others carry on.',
        'It began with an upgrade: roll the replicas back, and leave the database as it is ' +
          '([upgrading.md](upgrading.md#to-go-back)).',
      ],
    },
  },
  {
    title: 'Messages reach Kafka in time',
    series: 'outbox_late',
    target: 0.99,
    promise: 'of the minutes are known to have no message that waits for more than 60 seconds',
    // NaN, an unknown age, is not in time. Without Kafka it is always NaN, and the objective does not apply.
    badShare: (window) =>
      `1 - avg_over_time((max(analytics_outbox_oldest_age_seconds) <= bool 60)[${window}:1m])\n` +
      'and on() analytics_dependency_up{dependency="kafka"}',
    alert: {
      name: 'MessagesLate',
      subject: 'messages wait longer than 60 seconds for Kafka, or their age is unknown',
      meaning:
        'Subscribers see sessions and final figures late. Nothing is lost: messages wait in the database. While the ' +
        'database does not answer, the age is unknown, which counts as late.',
      look: [
        '`npm run outbox:status`: how many wait in which lane, and the last error of each.',
        '`analytics_kafka_produce_duration_seconds`: near 5 s a broker does not answer.',
      ],
      act: [
        'Kafka is down or refuses: follow [MessagesWait](#messageswait).',
        'The age is unknown: follow [DependencyDown](#dependencydown) for PostgreSQL.',
        'Kafka is well and the backlog grows: add replicas, up to one for each of the eight lanes.',
      ],
    },
  },
  {
    title: "Today's figures are fresh",
    series: 'figures_stale',
    target: 0.99,
    promise: 'of the minutes have a calculation of DAU that is younger than 70 minutes',
    // NaN, which is no success since the start, is younger than nothing: the job also runs at the start.
    badShare: (window) =>
      `1 - avg_over_time((time() - max(analytics_job_last_success_timestamp_seconds{job="dau-rolling"}) <= bool 4200)[${window}:1m])`,
    alert: {
      name: 'FiguresStale',
      subject: 'the stored figures of today are older than 70 minutes',
      meaning:
        'Figures over spans and `dau.calculated` lag behind. The live DAU and the online count are not affected.',
      look: [
        '`analytics_job_runs_total{job="dau-rolling"}`: failed or skipped runs.',
        'The log: lines of the job name the day and the cause.',
      ],
      act: [
        'The runs fail: repair what the log names; the next run catches up by itself.',
        'The runs take longer than an hour: see [capacity.md](capacity.md) for what a rollup takes.',
        '`npm run dau:calculate -- DAY` calculates one day at once.',
      ],
    },
  },
];

/** Windows and rates by which a budget of 30 days burns (Google, The Site Reliability Workbook, chapter 5). */
const BURN_RATES = [
  { suffix: 'BurnFast', severity: 'page', rate: 14.4, long: '1h', short: '5m', holds: '2m' },
  { suffix: 'BurnSlow', severity: 'ticket', rate: 3, long: '6h', short: '30m', holds: '15m' },
] as const;

/** Windows of the recorded series. */
export const WINDOWS = ['5m', '30m', '1h', '6h'] as const;

export function recordedName({ series }: Objective, window: string): string {
  return `analytics:${series}:ratio_${window}`;
}

/** Returns the alerts of all objectives. */
export function objectiveAlerts(): Alert[] {
  return OBJECTIVES.flatMap((objective) =>
    BURN_RATES.map(({ suffix, severity, rate, long, short, holds }) => {
      const { name, subject, ...runbook } = objective.alert;
      const limit = Number((rate * (1 - objective.target)).toFixed(6));
      return {
        ...runbook,
        name: `${name}${suffix}`,
        severity,
        holds,
        expr: `${recordedName(objective, long)} > ${limit}\nand ${recordedName(objective, short)} > ${limit}`,
        summary: `{{ $value | humanizePercentage }} of the last ${long}: ${subject}.`,
        meaning: `At this rate the budget of 30 days is used up in ${Math.round((30 / rate) * 10) / 10} days. ${runbook.meaning}`,
      };
    }),
  );
}
