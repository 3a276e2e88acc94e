import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeAll, describe, expect, it } from '@jest/globals';
import {
  cityActiveUsers,
  dauByDay,
  DAY_STATES,
  FIGURE_DAYS,
} from '../../../src/shared/metrics/figure-metrics.js';
import { metricsRegistry } from '../../../src/shared/metrics/metrics.js';
import { OBJECTIVES, recordedName, WINDOWS } from '../../../tools/prometheus/objectives.js';
import { ALERTS } from '../../../tools/prometheus/rules-file.js';
import { metricUses } from '../../support/promql.js';
import { readProjectFile, ROOT } from './deployment-files.js';

const DIRECTORY = 'deploy/grafana';
const DASHBOARDS = readdirSync(join(ROOT, DIRECTORY)).map((file) => `${DIRECTORY}/${file}`);
/** The label that Prometheus adds to every series and that no metric has. */
const TARGET_LABELS = ['instance'];

/** Names of the metrics that are figures for the product owner. */
const FIGURES =
  /^analytics_(online_|dau_|rolling_|stickiness_|lifecycle_|retention_ratio|province_|city_|actives_built_)/;

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly { readonly expr: string; readonly legendFormat: string }[];
}

interface Model {
  readonly uid: string;
  readonly title: string;
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly { readonly query: string }[] };
}

/** Labels of each series that the service really exports, by the name of the series. */
const labelsOf = new Map<string, readonly string[]>();

beforeAll(async () => {
  // Each file registers its metrics when it is loaded.
  const directory = join(ROOT, 'src/shared/metrics');
  for (const file of readdirSync(directory)) await import(pathToFileURL(join(directory, file)).href);
  // These have no series before their data.
  cityActiveUsers.replace(FIGURE_DAYS.map((day) => ({ of: ['深圳市', day], value: 1 })));
  dauByDay.replace(DAY_STATES.map((state) => ({ of: ['2025-01-15', state], value: 1 })));
  for (const metric of metricsRegistry.getMetricsAsArray()) {
    const { name, labelNames = [] } = metric as unknown as { name: string; labelNames?: readonly string[] };
    labelsOf.set(name, labelNames);
    if (!('buckets' in metric)) continue;
    labelsOf.set(`${name}_bucket`, [...labelNames, 'le']);
    for (const part of ['sum', 'count']) labelsOf.set(`${name}_${part}`, labelNames);
  }
});

/** Returns what is wrong with an expression, and nothing for a right one. */
function faultsOf(expression: string, legend = ''): string[] {
  const uses = metricUses(expression);
  const shown = Array.from(legend.matchAll(/\{\{(\w+)\}\}/g), ([, label]) => label ?? '');
  if (uses.length === 0) return ['it uses no metric'];
  return uses.flatMap(({ metric, labels, groupedBy }) => {
    const known = labelsOf.get(metric);
    if (known === undefined) return [`the service has no metric ${metric}`];
    const possible = [...known, ...TARGET_LABELS];
    const unknown = [...labels, ...groupedBy].filter((label) => !possible.includes(label));
    const isAggregated = /\b(sum|min|max|avg|count)\b/.test(expression);
    const left = isAggregated ? groupedBy : possible;
    return [
      ...unknown.map((label) => `${metric} has no label ${label}`),
      ...shown
        .filter((label) => !left.includes(label))
        .map((label) => `the legend shows a lost label ${label}`),
    ];
  });
}

function readDashboard(path: string): Model {
  return JSON.parse(readProjectFile(path)) as Model;
}

describe.each(DASHBOARDS)('%s', (path) => {
  const { panels, uid, templating } = readDashboard(path);
  const targets = panels.flatMap(({ title, targets: queries = [] }) =>
    queries.map(({ expr, legendFormat }) => ({ title, expr, legendFormat })),
  );

  it.each(targets)(
    'asks for metrics and labels that the service has: $title: $expr',
    ({ expr, legendFormat }) => {
      expect(faultsOf(expr, legendFormat)).toEqual([]);
    },
  );

  it('lets an operator choose the replicas in every query', () => {
    const uses = targets.flatMap(({ expr }) => metricUses(expr));
    expect(uses.filter(({ labels }) => !labels.includes('instance'))).toEqual([]);
    expect(templating.list.map(({ query }) => query)).toEqual([
      'prometheus',
      'label_values(analytics_build_info, instance)',
    ]);
  });

  it('explains every panel, and lays them out side by side', () => {
    expect(uid).toMatch(/^[a-z-]{1,40}$/);
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    const taken = new Map<string, number>();
    for (const { id, type, description, gridPos } of panels) {
      if (type !== 'row') expect(description).toMatch(/\w.*\.$/);
      expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++)
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
          expect({ id, over: taken.get(`${x},${y}`) }).toEqual({ id, over: undefined });
          taken.set(`${x},${y}`, id);
        }
    }
  });
});

describe('the dashboard of product figures', () => {
  const expressions = readDashboard('deploy/grafana/product-figures.json').panels.flatMap(
    ({ targets = [] }) => targets.map(({ expr }) => expr),
  );
  /** Metrics of figures, each with the labels of the series that it has from the first scrape on. */
  const figures = async (): Promise<[string, Readonly<Record<string, unknown>>[]][]> =>
    (await metricsRegistry.getMetricsAsJSON())
      .filter(({ name }) => FIGURES.test(name))
      .map(({ name, values }) => [name, values.map(({ labels }) => labels)]);

  it('shows every metric of a figure', async () => {
    const shown = new Set(expressions.flatMap(metricUses).map(({ metric }) => metric));
    const names = (await figures()).map(([name]) => name);
    expect(names.length).toBeGreaterThan(10);
    expect(names.filter((name) => !shown.has(name))).toEqual([]);
  });

  it('chooses series that exist: labels have the values that the service gives them', async () => {
    const known = new Map(await figures());
    const chosen = expressions.flatMap((expr) =>
      Array.from(expr.matchAll(/(analytics_\w+)\{([^}]*)\}/g), ([, name = '', matchers = '']) => {
        const values = Array.from(matchers.matchAll(/(\w+)=~?"([^"]*)"/g), ([, label = '', value = '']) => ({
          label,
          pattern: new RegExp(`^(?:${value})$`),
        })).filter(({ label }) => !TARGET_LABELS.includes(label));
        return { name, matchers, values };
      }),
    );
    const empty = chosen.filter(({ name, values }) => {
      const series = known.get(name);
      if (series === undefined || values.length === 0) return false;
      return !series.some((labels) =>
        values.every(({ label, pattern }) => pattern.test(String(labels[label]))),
      );
    });
    expect(chosen.filter(({ values }) => values.length > 0).length).toBeGreaterThan(10);
    expect(empty).toEqual([]);
  });
});

describe('deploy/prometheus/rules.yaml', () => {
  const recorded = OBJECTIVES.flatMap((objective) =>
    WINDOWS.map((window) => [recordedName(objective, window), objective.badShare(window)] as const),
  );
  const names = recorded.map(([name]) => name);

  it.each(recorded)('records out of metrics and labels that the service has: %s', (_, expr) => {
    expect(faultsOf(expr)).toEqual([]);
  });

  it.each(ALERTS.map(({ name, expr }) => [name, expr] as const))(
    'asks for series that are recorded, or for metrics and labels that the service has: %s',
    (_, expr) => {
      const own = metricUses(expr).filter(({ metric }) => metric.startsWith('analytics:'));
      if (own.length === 0) expect(faultsOf(expr)).toEqual([]);
      else expect(names).toEqual(expect.arrayContaining(own.map(({ metric }) => metric)));
    },
  );
});

describe('the check of an expression', () => {
  it.each([
    [
      'a metric that does not exist',
      'sum(analytics_nothing_total)',
      ['the service has no metric analytics_nothing_total'],
    ],
    [
      'a label that does not exist',
      'max(analytics_online_users{job="x"})',
      ['analytics_online_users has no label job'],
    ],
    [
      'a group by a label that does not exist',
      'sum by (kind) (analytics_events_total)',
      ['analytics_events_total has no label kind'],
    ],
    [
      'a bucket of a counter',
      'analytics_events_total_bucket',
      ['the service has no metric analytics_events_total_bucket'],
    ],
    ['an expression without a metric', 'vector(1)', ['it uses no metric']],
  ])('finds %s', (_, expression, faults) => {
    expect(faultsOf(expression)).toEqual(faults);
  });

  it('finds a legend whose label an aggregation has lost', () => {
    expect(faultsOf('sum(analytics_events_total)', '{{result}}')).toEqual([
      'the legend shows a lost label result',
    ]);
  });

  it.each(['sum((analytics_events_total', 'analytics_events_total{', 'rate(analytics_events_total[5x])'])(
    'finds broken syntax: %s',
    (expression) => {
      expect(() => faultsOf(expression)).toThrow('This is no PromQL');
    },
  );
});
