export const SERIES_COLOURS = [
  'series-1',
  'series-2',
  'series-3',
  'series-4',
  'series-5',
  'series-muted',
] as const;
export type SeriesColour = (typeof SERIES_COLOURS)[number];

export type Values = readonly (number | null)[];

export interface ChartSeries {
  readonly label: string;
  /** One value for each x; null is a gap. */
  readonly values: Values;
  readonly colour: SeriesColour;
  readonly kind: 'line' | 'area' | 'bars';
  readonly isDashed?: boolean;
  /** Pixels; 2 by default. */
  readonly width?: number;
}

/** Values of an x that the tooltip and screen readers tell, and that nothing draws. */
export type ChartDetail = Pick<ChartSeries, 'label' | 'values'>;

/** A value that the chart names: a peak, or a level such as a mean. */
export type Mark =
  | { readonly kind: 'point'; readonly x: number; readonly y: number; readonly label: string }
  | { readonly kind: 'level'; readonly y: number; readonly label: string };

/** One part of a series as it is drawn: solid where final, hatched or dashed where provisional. */
export interface DrawnSeries {
  readonly series: ChartSeries;
  readonly values: Values;
  readonly isProvisional: boolean;
}

/**
 * Returns what is drawn, in the order of drawing. Stacked series reach up to their sum, the highest first, so that
 * each covers the lower part of the one before.
 */
export function drawnSeries(
  series: readonly ChartSeries[],
  isProvisional: readonly boolean[] | undefined,
  isStacked: boolean,
): DrawnSeries[] {
  const heights = isStacked ? stack(series) : series.map(({ values }) => values);
  const drawn = series.flatMap((one, index) => splitProvisional(one, heights[index] ?? [], isProvisional));
  return isStacked ? drawn.reverse() : drawn;
}

/** Returns the last x at which a series has a value, else the last one: the rest of today has none yet. */
export function latestIndex([first]: readonly ChartSeries[], length: number): number {
  const known = first?.values.findLastIndex((value) => value !== null) ?? -1;
  return known === -1 ? Math.max(0, length - 1) : known;
}

/** Returns the indexes of values with a gap on both sides, which no line reaches. */
export function loneIndexes(values: ArrayLike<number | null | undefined>): number[] {
  const hasValue = (index: number): boolean => (values[index] ?? null) !== null;
  return Array.from({ length: values.length }, (_, index) => index).filter(
    (index) => hasValue(index) && !hasValue(index - 1) && !hasValue(index + 1),
  );
}

/** Returns sums from the first series to each; a gap adds nothing, and where all have one, the sum has one. */
function stack(series: readonly ChartSeries[]): Values[] {
  const heights: (number | null)[][] = [];
  for (const { values } of series) {
    const below = heights.at(-1);
    heights.push(
      values.map((value, index) => {
        const base = below?.[index] ?? null;
        return value === null && base === null ? null : (value ?? 0) + (base ?? 0);
      }),
    );
  }
  return heights;
}

function splitProvisional(
  series: ChartSeries,
  values: Values,
  isProvisional: readonly boolean[] | undefined,
): DrawnSeries[] {
  if (isProvisional === undefined) return [{ series, values, isProvisional: false }];
  const isOpen = (index: number): boolean => isProvisional[index] === true;
  // The dashed part of a line begins where the solid one ends.
  const joins = (index: number): boolean => series.kind !== 'bars' && isOpen(index + 1);
  return [
    { series, values: values.map((value, index) => (isOpen(index) ? null : value)), isProvisional: false },
    {
      series,
      values: values.map((value, index) => (isOpen(index) || joins(index) ? value : null)),
      isProvisional: true,
    },
  ];
}
