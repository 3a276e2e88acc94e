/** Units of Grafana that the dashboards use. */
export type Unit = 'short' | 's' | 'percentunit' | 'bytes' | 'reqps' | 'none' | 'dateTimeFromNow';

export interface Query {
  readonly expr: string;
  readonly legend: string;
}

export interface PanelOptions {
  readonly title: string;
  /** Says what to do when it looks wrong. */
  readonly description: string;
  readonly queries: readonly Query[];
  readonly unit?: Unit;
  /** Number of the 24 columns. */
  readonly width?: number;
  readonly stacked?: boolean;
  /** Colours values from this one on red, or from this one down when `isLowBad`. */
  readonly alarm?: number;
  readonly isLowBad?: boolean;
}

export interface Panel extends PanelOptions {
  readonly type: 'timeseries' | 'stat' | 'bargauge' | 'barchart';
  /** Label that names the bars of a bar chart. */
  readonly barsBy?: string;
}

export interface Row {
  readonly title: string;
  readonly panels: readonly Panel[];
}

export interface Dashboard {
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly timeFrom: string;
  readonly rows: readonly Row[];
}

const COLUMNS = 24;
const HEIGHTS = { timeseries: 8, stat: 5, bargauge: 20, barchart: 9 } as const;
const DATASOURCE = { type: 'prometheus', uid: '$datasource' };

const LATEST = { calcs: ['lastNotNull'] };
const OPTIONS: Readonly<Record<Panel['type'], object>> = {
  stat: { reduceOptions: LATEST, colorMode: 'value', graphMode: 'area' },
  bargauge: { reduceOptions: LATEST, orientation: 'horizontal', displayMode: 'basic', valueMode: 'color' },
  barchart: { orientation: 'vertical', stacking: 'normal', showValue: 'never', xTickLabelRotation: -45 },
  timeseries: { legend: { displayMode: 'list', placement: 'bottom' }, tooltip: { mode: 'multi' } },
};

export function graph(options: PanelOptions): Panel {
  return { ...options, type: 'timeseries' };
}

export function stat(options: PanelOptions): Panel {
  return { ...options, type: 'stat' };
}

/** Shows the latest value of each series as a bar, the largest first. */
export function ranking(options: PanelOptions): Panel {
  return { ...options, type: 'bargauge' };
}

/** Shows the latest value of each series as a bar, in the order of the label; queries are stacked. */
export function bars(options: PanelOptions & { readonly barsBy: string }): Panel {
  return { ...options, type: 'barchart' };
}

/** Returns the model that Grafana imports (dashboard JSON, schema version 39). */
export function renderDashboard({ uid, title, description, timeFrom, rows }: Dashboard): string {
  let id = 0;
  let y = 0;
  const panels: object[] = [];
  for (const row of rows) {
    panels.push({
      id: ++id,
      type: 'row',
      title: row.title,
      collapsed: false,
      gridPos: { x: 0, y: y++, w: COLUMNS, h: 1 },
      panels: [],
    });
    let x = 0;
    let height = 0;
    for (const panel of row.panels) {
      const w = panel.width ?? COLUMNS / row.panels.length;
      if (x + w > COLUMNS) [x, y] = [0, y + height];
      height = HEIGHTS[panel.type];
      panels.push(renderPanel(panel, ++id, { x, y, w, h: height }));
      x += w;
    }
    y += height;
  }
  return JSON.stringify({
    uid,
    title,
    description,
    tags: ['analytics-presence'],
    timezone: 'Asia/Shanghai',
    schemaVersion: 39,
    version: 1,
    editable: true,
    refresh: '30s',
    time: { from: timeFrom, to: 'now' },
    templating: {
      list: [
        { name: 'datasource', label: 'Prometheus', type: 'datasource', query: 'prometheus' },
        {
          name: 'instance',
          label: 'Replica',
          type: 'query',
          datasource: DATASOURCE,
          query: 'label_values(analytics_build_info, instance)',
          refresh: 2,
          multi: true,
          includeAll: true,
          current: { text: 'All', value: '$__all' },
          allValue: '.*',
        },
      ],
    },
    panels,
  });
}

function renderPanel(panel: Panel, id: number, gridPos: object): object {
  const { type, title, description, queries, unit = 'short', stacked = false, barsBy } = panel;
  return {
    id,
    type,
    title,
    description,
    datasource: DATASOURCE,
    gridPos,
    targets: queries.map(({ expr, legend }, index) => ({
      refId: refOf(index),
      datasource: DATASOURCE,
      expr,
      legendFormat: legend,
      ...(type === 'bargauge' && { instant: true, range: false }),
      ...(type === 'barchart' && { instant: true, range: false, format: 'table' }),
    })),
    fieldConfig: {
      defaults: {
        unit,
        min: 0,
        ...thresholdsOf(panel),
        ...(type === 'timeseries' && {
          custom: { fillOpacity: stacked ? 40 : 0, stacking: { mode: stacked ? 'normal' : 'none' } },
        }),
      },
      overrides: [],
    },
    ...(barsBy !== undefined && { transformations: asBars(queries, barsBy) }),
    options: { ...OPTIONS[type], ...(barsBy !== undefined && { xField: barsBy }) },
  };
}

/** Makes one table of the queries: a row for each bar, a column for each query. */
function asBars(queries: readonly Query[], barsBy: string): object[] {
  const columns = queries.map(({ legend }, index) => [`Value #${refOf(index)}`, legend]);
  return [
    { id: 'joinByField', options: { byField: barsBy, mode: 'outer' } },
    { id: 'filterFieldsByName', options: { include: { names: [barsBy, ...columns.map(([name]) => name)] } } },
    { id: 'organize', options: { renameByName: Object.fromEntries(columns) as object } },
    { id: 'sortBy', options: { sort: [{ field: barsBy }] } },
  ];
}

function refOf(index: number): string {
  return String.fromCharCode('A'.charCodeAt(0) + index);
}

function thresholdsOf({ alarm, isLowBad = false }: Panel): object {
  if (alarm === undefined) return {};
  const [below, from] = isLowBad ? ['red', 'green'] : ['green', 'red'];
  return {
    thresholds: {
      mode: 'absolute',
      steps: [
        { color: below, value: null },
        { color: from, value: alarm },
      ],
    },
  };
}
