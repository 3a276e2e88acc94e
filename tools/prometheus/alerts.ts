import type { Alert } from './alert.js';

/** Alerts about one symptom each; those about objectives are in `objectives.ts`. */
export const SYMPTOM_ALERTS: readonly Alert[] = [
  {
    name: 'ServiceAbsent',
    severity: 'page',
    expr: 'absent(analytics_build_info)',
    holds: '2m',
    summary: 'Prometheus scrapes no replica of Analytics & Presence.',
    meaning: 'No replica runs, or Prometheus cannot reach `/metrics`. Every other alert is blind meanwhile.',
    look: [
      "The targets' page of Prometheus: the error of the scrape.",
      'The process manager: exit codes and the last lines of the log, which name the reason of a refused start.',
    ],
    act: [
      'No replica runs: correct what the log names, then start them.',
      'The replicas run: open the way to `/metrics`, which a proxy may hide ([security.md](security.md)).',
    ],
  },
  {
    name: 'WorkersCrash',
    severity: 'ticket',
    expr: 'sum by (instance) (increase(analytics_worker_restarts_total[15m]) + increase(analytics_worker_hangs_total[15m])) > 0',
    summary: 'Workers of {{ $labels.instance }} were replaced in the last quarter of an hour.',
    meaning:
      'A worker ended by itself, or said nothing for a minute and was killed. The others served meanwhile, and nothing ' +
      'that was acknowledged is lost. More than ten crashes in five minutes end the service with 1; with more than three ' +
      'workers, more than three for each.',
    look: [
      'The log of the primary process: the exit code or signal of the worker, or `has said nothing for`.',
      '`analytics_worker_hangs_total`: the event loop was blocked. `nodejs_eventloop_lag_p99_seconds` shows it earlier.',
      'Exit by SIGKILL without a hang: the memory limit of the container.',
    ],
    act: [
      'Memory: give each worker 512 MiB of heap and 256 MiB more, or fewer `WORKERS`.',
      'CPU: `WORKERS` may not exceed the cores that the container may use.',
      'An uncaught exception: report it with its log line; roll back when it came with an upgrade.',
    ],
  },
  {
    name: 'DependencyDown',
    severity: 'page',
    expr: 'max by (dependency) (analytics_dependency_up) == 0',
    holds: '1m',
    summary: '{{ $labels.dependency }} has failed the checks of every replica for a minute.',
    meaning:
      'Without PostgreSQL events are refused with 503, and no replica is ready: a balancer that asks `/health/ready` ' +
      'sends no request to any, heartbeats included. Without Redis heartbeats and live figures are refused; without ' +
      'Kafka messages wait in the database. Apps try again by themselves.',
    look: [
      'The reason: `The database takes no writes` in the log, or `Redis is unavailable` in the log; for Kafka ' +
        '`npm run outbox:status` and `Outbox messages wait, publishing fails` in the log.',
      'The server itself: does it run, is its disk full, has it lost its primary.',
      '[troubleshooting.md](troubleshooting.md): the log line and its remedy.',
    ],
    act: [
      'Bring the server back or promote its standby; the service follows within 10 seconds without a restart.',
      'One replica only fails: check its network, then restart it.',
    ],
  },
  {
    name: 'ChecksStandStill',
    severity: 'page',
    // Covers values of NaN as well, which a check leaves that is too old.
    expr: 'absent(analytics_dependency_up >= 0)',
    holds: '5m',
    summary: 'No replica knows the state of its dependencies.',
    meaning:
      'The checks run every 15 seconds. When none has a result, the process is blocked or starved of CPU.',
    look: ['CPU of the replicas.', '`analytics_http_request_duration_seconds` of `/health/live`.'],
    act: ['Restart the replica with SIGTERM.', 'Give it a whole core, or add replicas.'],
  },
  {
    name: 'FlushesFail',
    severity: 'page',
    expr: 'sum(increase(analytics_flush_failures_total[5m])) > 0',
    holds: '1m',
    summary: 'Writes of events to PostgreSQL fail.',
    meaning: 'The requests of a failed flush were answered with 503, so their apps send the events again.',
    look: [
      'The log of that minute: lines about the database name the SQLSTATE.',
      'PostgreSQL: locks (`pg_stat_activity`), disk, `default_transaction_read_only`.',
    ],
    act: [
      '`25006`: the database refuses writes: finish the failover ([operations.md](operations.md#failover-of-postgresql)).',
      '`42501`: privileges are missing: run `npm run prisma:migrate`.',
      '`57014`: a lock or a slow disk: end the statement that holds the lock.',
    ],
  },
  {
    name: 'FlushesQueueUp',
    severity: 'ticket',
    expr: 'max(analytics_flush_queue_rows / analytics_flush_queue_limit_rows) > 0.5',
    holds: '1m',
    summary: 'A queue of events that wait for their flush is {{ $value | humanizePercentage }} full.',
    meaning:
      'The database is slower than the events come. At the bound of the queue new batches get 503 `overloaded`. On a Citus ' +
      'cluster each bucket has a queue.',
    look: [
      '`analytics_flush_duration_seconds`: the disk or the CPU of PostgreSQL.',
      'Locks in PostgreSQL.',
      'Citus: `analytics_flush_queue_rows` by `bucket`: the buckets of one worker, or all.',
    ],
    act: [
      'The disk is slow: see [capacity.md](capacity.md) for what the rate of events needs.',
      'The database is well: add replicas.',
    ],
  },
  {
    name: 'NoOnlineSnapshot',
    severity: 'page',
    expr: 'sum(increase(analytics_job_runs_total{job="online-snapshot",outcome="done"}[5m])) == 0',
    holds: '5m',
    summary: 'The users online have not been counted for ten minutes.',
    meaning:
      'The curve of the users online has a gap that cannot be filled later. The count right now is not affected.',
    look: [
      'The log: lines of `online-snapshot`.',
      '[DependencyDown](#dependencydown) for Redis or PostgreSQL.',
    ],
    act: [
      'Repair the store that the log names.',
      'A run hangs: restart the replica whose runs are `skipped`; `is still running from its last tick` in the log is its line.',
    ],
  },
  {
    name: 'HourlyJobStandsStill',
    severity: 'ticket',
    expr: 'sum by (job) (increase(analytics_job_runs_total{job=~"dau-rolling|maintenance",outcome="done"}[2h])) == 0',
    holds: '10m',
    summary: 'The job {{ $labels.job }} has not run for two hours.',
    meaning:
      '`dau-rolling` keeps the figures of today and of days with late events; `maintenance` makes partitions ahead. ' +
      'A week without partitions refuses events. A fleet that has just started has no two hours of history.',
    look: ['The log: lines of the job.', '`analytics_job_runs_total`: failed or skipped.'],
    act: [
      'Correct what the log names; the next run catches up.',
      '`npm run dau:calculate -- DAY` calculates a day at once.',
    ],
  },
  {
    name: 'YesterdayNotFinal',
    severity: 'ticket',
    expr: 'sum(increase(analytics_job_runs_total{job="dau-yesterday",outcome="done"}[25h])) == 0',
    holds: '1h',
    summary: 'The final figures of yesterday are missing.',
    meaning:
      'Reports that wait for `isFinal` do not start. A fleet that has just started has no day of history.',
    look: ['The log at 01:00 Asia/Shanghai: lines of `dau-yesterday`.'],
    act: [
      'Correct what the log names. The hourly run makes the day final, too.',
      '`npm run dau:calculate -- DAY` does it at once.',
    ],
  },
  {
    name: 'RetentionFails',
    severity: 'ticket',
    expr: 'sum(increase(analytics_job_runs_total{job="retention",outcome="failed"}[26h])) > 0',
    holds: '1h',
    summary: 'The nightly drop of old days has failed.',
    meaning:
      'Data is kept for longer than the configured limit, and the disk fills. The next night tries again.',
    look: ['The log: lines of `retention` name the day and the error.', '`npm run retention -- --dry-run`.'],
    act: [
      '`42501`: the service has no right to drop days: run `npm run prisma:migrate`, or `npm run retention` as the owner.',
      'A node of a cluster is away: bring it back.',
      '`npm run retention` drops what is due at once.',
    ],
  },
  {
    name: 'RetentionStandsStill',
    severity: 'ticket',
    expr: 'max(analytics_retention_overdue_days) > 0',
    holds: '2d',
    summary: '{{ $value }} days are past their limit and are not dropped.',
    meaning: 'Data is kept for longer than the configured limit, and the disk fills.',
    look: ['`npm run retention -- --dry-run`: why each day is kept.'],
    act: [
      'A drift: `npm run dau:audit -- DAY` names the figure; `npm run dau:calculate -- DAY` repairs it.',
      'Late marks: the hourly run settles them; see [HourlyJobStandsStill](#hourlyjobstandsstill).',
    ],
  },
  {
    name: 'MessagesWait',
    severity: 'page',
    expr: 'max(analytics_outbox_oldest_age_seconds) > 300',
    holds: '5m',
    summary: 'The oldest message has waited {{ $value | humanizeDuration }} for Kafka.',
    meaning:
      'Subscribers do not see sessions and final figures. Nothing is lost: messages wait in the database.',
    look: [
      '`npm run outbox:status`: the last error of each lane.',
      'Kafka: leaders of `analytics-events`, rights of the user to write it, disks of the brokers.',
    ],
    act: [
      'The topic is missing or refuses: create it, or give the user the right to write ([security.md](security.md)).',
      'A broker does not answer: move its leaders. The service follows by itself.',
      'After the repair the backlog drains at several thousand messages a second and needs no help.',
    ],
  },
  {
    name: 'HeartbeatEventsDropped',
    severity: 'ticket',
    expr: 'sum(increase(analytics_publisher_dropped_total[5m])) > 0',
    holds: '5m',
    summary: 'Messages about heartbeats are dropped.',
    meaning:
      'Messages about heartbeats are best effort. Subscribers miss some; presence, events and figures are complete.',
    look: ['[DependencyDown](#dependencydown) for Kafka.', '`analytics_kafka_produce_duration_seconds`.'],
    act: [
      'Repair Kafka. Dropped messages do not come back, and nothing needs them: the next heartbeat follows in a minute.',
      'Set `KAFKA_HEARTBEATS=none` where nobody subscribes to heartbeats.',
    ],
  },
  {
    name: 'NobodyConsumes',
    severity: 'ticket',
    expr: 'max by (topic) (analytics_consumer_joined) == 0',
    holds: '5m',
    summary: 'No replica consumes {{ $labels.topic }}.',
    meaning: 'New installs are not tied to their users. The messages stay in Kafka and are handled later.',
    look: [
      'The log: lines of the consumer.',
      "Kafka: the topic, the group's rights, the retention of the topic.",
    ],
    act: [
      'The right to read the topic or the group is missing: grant it ([security.md](security.md)).',
      'Mend it before the retention of the topic ends: what Kafka deletes cannot be consumed.',
    ],
  },
  {
    name: 'DeadLetters',
    severity: 'ticket',
    expr: 'sum by (topic) (increase(analytics_consumer_messages_total{outcome="dead_lettered"}[15m])) > 0',
    summary: 'Messages of {{ $labels.topic }} were not understood: {{ $value | humanize }}.',
    meaning:
      'A producer broke the contract of the topic. The messages are kept in the topic of dead letters.',
    look: ['The header `dlq-reason` of the messages in `identity-events.dlq`.'],
    act: [
      'Let the producer correct its messages.',
      '`npm run dlq:replay -- --dry-run`, then without `--dry-run`, handles what was correct after all.',
    ],
  },
  {
    name: 'ClockOff',
    severity: 'ticket',
    expr: 'abs(analytics_clock_offset_seconds) > 5',
    holds: '5m',
    summary: 'The clock of {{ $labels.instance }} is {{ $value | humanize }} seconds off.',
    meaning:
      'Figures are right all the same, because the clock of the stores judges. Tokens and log lines are not.',
    look: ['The time service of that machine (`chronyc tracking`, `timedatectl`).'],
    act: ['Synchronise the clock ([operations.md](operations.md#clocks)).'],
  },
  {
    name: 'ManyRequestsLimited',
    severity: 'ticket',
    expr: 'sum(rate(analytics_requests_limited_total{by="address"}[10m])) > 10',
    holds: '10m',
    summary: '{{ $value | humanize }} requests a second are refused by the limit of their address.',
    meaning: 'An attacker or a broken app sends too much, or all apps share the address of a balancer.',
    look: ['The access log of the balancer: one address or many.'],
    act: [
      'All share one address: set `TRUSTED_PROXIES` to the network of the balancer.',
      'One address: block it at the balancer.',
    ],
  },
  {
    name: 'ConnectionsExhausted',
    severity: 'ticket',
    expr: 'max by (instance, pool) (analytics_database_connections{state="waiting"}) > 5',
    holds: '5m',
    summary:
      '{{ $value }} callers of {{ $labels.instance }} wait for a connection of the pool {{ $labels.pool }}.',
    meaning: 'Requests wait for a connection and end with 503 `database_too_slow` after their budget.',
    look: ['`analytics_flush_duration_seconds` and slow statements in PostgreSQL.'],
    act: ['Mend the slow statements first.', 'Then raise `DATABASE_POOL_SIZE`, within `max_connections`.'],
  },
];
