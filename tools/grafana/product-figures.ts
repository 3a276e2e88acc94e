import { graph, renderDashboard, stat } from './dashboard.js';
import { BY_DAY_ROWS } from './figures-by-day.js';

const ONLINE = 'max(analytics_online_users{instance=~"$instance"})';
const DAU = 'max(analytics_dau_today{instance=~"$instance"})';

/** Shows what the product owner looks at. Each replica reports the same figures, hence `max` and never `sum`. */
export function productFigures(): string {
  return renderDashboard({
    uid: 'analytics-presence-product',
    title: 'Analytics & Presence: product figures',
    description:
      'Users online and active, by day, rolling, new, retained, by province and city. Exact history is in the API: GET /analytics/dau.',
    timeFrom: 'now-24h',
    rows: [
      {
        title: 'Now',
        panels: [
          stat({
            title: 'Users online',
            description:
              'Counted every minute. No value: see "Dependencies" in the dashboard of the service.',
            queries: [{ expr: ONLINE, legend: 'online' }],
          }),
          stat({
            title: 'Active users today',
            description: 'Exact, counted every minute; starts again at midnight in Asia/Shanghai.',
            queries: [{ expr: DAU, legend: 'today' }],
          }),
          stat({
            title: 'Peak of users online, 24 h',
            description: 'PCU of the last 24 hours, by minute.',
            queries: [{ expr: `max_over_time(${ONLINE}[24h:1m])`, legend: 'peak' }],
          }),
          stat({
            title: 'Average of users online, 24 h',
            description: 'ACU of the last 24 hours.',
            queries: [{ expr: `avg_over_time(${ONLINE}[24h:1m])`, legend: 'average' }],
          }),
        ],
      },
      {
        title: 'Users online',
        panels: [
          graph({
            title: 'Users online, beside yesterday and a week ago',
            description: 'Gaps are minutes that nobody counted.',
            width: 24,
            queries: [
              { expr: ONLINE, legend: 'now' },
              {
                expr: 'max(analytics_online_users{instance=~"$instance"} offset 1d)',
                legend: 'a day before',
              },
              {
                expr: 'max(analytics_online_users{instance=~"$instance"} offset 1w)',
                legend: 'a week before',
              },
            ],
          }),
        ],
      },
      {
        title: 'Active users and events',
        panels: [
          graph({
            title: 'Active users of the day, beside yesterday and a week ago',
            description: 'Rises through the day and starts again at midnight in Asia/Shanghai.',
            queries: [
              { expr: DAU, legend: 'today' },
              { expr: 'max(analytics_dau_today{instance=~"$instance"} offset 1d)', legend: 'a day before' },
              { expr: 'max(analytics_dau_today{instance=~"$instance"} offset 1w)', legend: 'a week before' },
            ],
          }),
          graph({
            title: 'Events a second, by result',
            description: 'Many duplicates mean that clients lose answers.',
            stacked: true,
            queries: [
              {
                expr: 'sum by (result) (rate(analytics_events_total{instance=~"$instance"}[$__rate_interval]))',
                legend: '{{result}}',
              },
            ],
          }),
          graph({
            title: 'Rejected events a second, by code',
            description: 'A rise of one code usually follows a release of an app.',
            queries: [
              {
                expr: 'sum by (code) (rate(analytics_events_rejected_total{instance=~"$instance"}[$__rate_interval])) > 0',
                legend: '{{code}}',
              },
            ],
          }),
        ],
      },
      ...BY_DAY_ROWS,
    ],
  });
}
