import { DAY_STATES, FIGURE_DAYS, TOP_CITIES } from '../../src/shared/metrics/figure-metrics.js';
import { bars, graph, ranking, stat, type Query, type Row } from './dashboard.js';

/** Returns the series of a metric; one replica at a time counts, and `max` leaves out those without a value. */
const latest = (metric: string, labels: string, by: string): string =>
  `max by (${by}) (${metric}{instance=~"$instance"${labels === '' ? '' : `,${labels}`}})`;
const ofDay = (metric: string, day: 'today' | 'yesterday', legend: string = day): Query => ({
  expr: `max(${metric}{instance=~"$instance",day="${day}"})`,
  legend,
});
const bothDays = (metric: string): Query[] => [ofDay(metric, 'yesterday'), ofDay(metric, 'today')];
const COUNTED = 'Counted every 5 minutes; gaps are failed runs of the job figure-metrics.';

const DAU: Row = {
  title: 'Active users by day, Asia/Shanghai',
  panels: [
    bars({
      title: 'Active users of each of the last 30 days',
      description:
        'A day is provisional until the run of 01:00 of the next one. The latest state, whatever the time range.',
      barsBy: 'date',
      queries: DAY_STATES.map((state) => ({
        expr: latest('analytics_dau_by_day', `state="${state}"`, 'date'),
        legend: state,
      })),
    }),
  ],
};

const ACTIVES: Row = {
  title: 'Active users of several days',
  panels: [
    stat({
      title: 'Active users of 7 and 30 days',
      description: 'Distinct users of the days that end with yesterday.',
      queries: [
        {
          expr: latest('analytics_rolling_active_users', 'day="yesterday"', 'window'),
          legend: '{{window}} days',
        },
      ],
    }),
    stat({
      title: 'Stickiness',
      description: 'DAU of a day divided by the users of its 30 days. Today grows until midnight.',
      unit: 'percentunit',
      queries: bothDays('analytics_stickiness_ratio'),
    }),
    stat({
      title: 'New and returning users of yesterday',
      description: 'Together they are the active users of the day, final from 01:00 in Asia/Shanghai.',
      queries: [
        {
          expr: latest('analytics_lifecycle_users', 'day="yesterday",kind=~"new|returning"', 'kind'),
          legend: '{{kind}}',
        },
      ],
    }),
    stat({
      title: 'Age of these figures',
      description:
        'Since a day was last counted: today every hour. Above 70 minutes see HourlyJobStandsStill.',
      unit: 's',
      alarm: 4200,
      queries: [
        {
          expr: 'time() - max(analytics_actives_built_timestamp_seconds{instance=~"$instance"})',
          legend: 'age',
        },
      ],
    }),
  ],
};

const HISTORY: Row = {
  title: 'Rolling, new and retained users',
  panels: [
    graph({
      title: 'Active users of 7 and 30 days, as of each moment',
      description: `Distinct users of the days that end with today. ${COUNTED}`,
      width: 8,
      queries: [
        {
          expr: latest('analytics_rolling_active_users', 'day="today"', 'window'),
          legend: '{{window}} days',
        },
      ],
    }),
    graph({
      title: 'New and returning users of today',
      description: 'Rises through the day and starts again at midnight in Asia/Shanghai.',
      stacked: true,
      width: 8,
      queries: [
        {
          expr: latest('analytics_lifecycle_users', 'day="today",kind=~"new|returning"', 'kind'),
          legend: '{{kind}}',
        },
      ],
    }),
    graph({
      title: 'Resurrected and dormant users of yesterday',
      description: 'Back after a day or more away, and active only the day before.',
      width: 8,
      queries: [
        {
          expr: latest('analytics_lifecycle_users', 'day="yesterday",kind=~"resurrected|dormant"', 'kind'),
          legend: '{{kind}}',
        },
      ],
    }),
    graph({
      title: 'Retention of new users',
      description: 'Share of the last cohort that was active again 1, 7 or 30 days later, on yesterday.',
      unit: 'percentunit',
      width: 12,
      queries: [
        {
          expr: latest('analytics_retention_ratio', 'cohort="new"', 'after'),
          legend: 'after {{after}} days',
        },
      ],
    }),
    graph({
      title: 'Retention of all active users',
      description: 'The same of everybody who was active on the day of the cohort.',
      unit: 'percentunit',
      width: 12,
      queries: [
        {
          expr: latest('analytics_retention_ratio', 'cohort="active"', 'after'),
          legend: 'after {{after}} days',
        },
      ],
    }),
  ],
};

const PEAKS: Row = {
  title: 'Peaks by day, Asia/Shanghai',
  panels: [
    stat({
      title: 'Peak (PCU)',
      description: 'Most users online in a minute of the day.',
      queries: bothDays('analytics_online_peak_users'),
    }),
    stat({
      title: 'Mean (ACU)',
      description: 'Mean of the minutes that were counted.',
      queries: bothDays('analytics_online_average_users'),
    }),
    stat({
      title: 'Missed minutes',
      description: 'Minutes that no replica has counted: the service or its stores were down.',
      alarm: 5,
      queries: bothDays('analytics_online_missed_minutes'),
    }),
    stat({
      title: 'All-time record',
      description: 'Most users online in a minute of all time.',
      queries: [{ expr: 'max(analytics_online_record_users{instance=~"$instance"})', legend: 'record' }],
    }),
  ],
};

const PROVINCES: Row = {
  title: 'Provinces',
  panels: FIGURE_DAYS.map((day) =>
    ranking({
      title: `Active users by province, ${day}`,
      description: 'Who was seen in two provinces counts in both; other sums the names that are no province.',
      queries: [
        {
          expr: `sort_desc(${latest('analytics_province_active_users', `day="${day}"`, 'province')})`,
          legend: '{{province}}',
        },
      ],
    }),
  ),
};

const CITIES: Row = {
  title: 'Cities',
  panels: FIGURE_DAYS.map((day) =>
    ranking({
      title: `Active users of the ${TOP_CITIES} largest cities, ${day}`,
      description:
        'By the users of that day; all cities are in the API: GET /analytics/dau. Who was seen in two cities counts in both.',
      queries: [
        {
          expr: `sort_desc(${latest('analytics_city_active_users', `day="${day}"`, 'city')})`,
          legend: '{{city}}',
        },
      ],
    }),
  ),
};

/** The figures that are counted of today and yesterday, as the page shows them of each day. */
export const BY_DAY_ROWS: readonly Row[] = [DAU, ACTIVES, HISTORY, PEAKS, PROVINCES, CITIES];
