import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { useEffect, useId, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { useI18n } from '../i18n/use-i18n.js';
import { readColours } from './chart-colours.js';
import {
  drawnSeries,
  latestIndex,
  type ChartDetail,
  type ChartSeries,
  type DrawnSeries,
  type Mark,
} from './chart-model.js';
import { plotOptions } from './chart-options.js';
import { Legend, Tooltip } from './chart-legend.js';
import { movedIndex } from './chart-keys.js';
import { useColourScheme } from './use-colour-scheme.js';

const NO_MARKS: readonly Mark[] = [];

export interface ChartProps {
  /** Names the chart for screen readers and tests. */
  readonly title: string;
  /** Unix seconds, ascending. A day is its first second in Asia/Shanghai. */
  readonly x: readonly number[];
  readonly xKind: 'day' | 'time';
  readonly series: readonly ChartSeries[];
  readonly details?: readonly ChartDetail[];
  /** Marks the x whose values may still change. */
  readonly isProvisional?: readonly boolean[];
  readonly isStacked?: boolean;
  /** Fixes the first and the last x; by default those of the data. */
  readonly xRange?: readonly [number, number];
  /** False lets the lowest value be the ground, as for a sparkline. */
  readonly startsAtZero?: boolean;
  readonly hasAxes?: boolean;
  readonly hasLegend?: boolean;
  readonly size?: 'small' | 'medium' | 'large';
  /** Formats a value in full; a count by default. */
  readonly format?: (value: number) => string;
  /** Formats a value for the axis; a compact count by default. */
  readonly formatAxis?: (value: number) => string;
  readonly marks?: readonly Mark[];
}

/** A chart drawn by uPlot: follows its size and the theme, and reads its values to keyboard and screen reader. */
export function Chart(props: ChartProps) {
  const { title, x, xKind, series, isProvisional, isStacked = false, size = 'medium' } = props;
  const { t, format } = useI18n();
  const hintId = useId();
  const plotRef = useRef<uPlot | null>(null);
  const [index, setIndex] = useState<number | null>(null);
  const formatValue = props.format ?? format.count;
  const told: readonly (ChartSeries | ChartDetail)[] = [...series, ...(props.details ?? [])];
  const drawn = useMemo(
    () => drawnSeries(series, isProvisional, isStacked),
    [series, isProvisional, isStacked],
  );
  const hostRef = usePlot(props, drawn, plotRef, setIndex);

  const moveTo = (next: number | null): void => {
    const plot = plotRef.current;
    const at = next === null ? undefined : x[next];
    if (plot === null) return;
    plot.setCursor(
      at === undefined
        ? { left: -10, top: -10 }
        : { left: plot.valToPos(at, 'x'), top: plot.over.clientHeight / 3 },
    );
  };

  const titleOf = (at: number): string =>
    xKind === 'day' ? format.longDay(dayOf(at)) : format.time(at * 1000);
  const shown = index !== null && index < x.length ? index : null;
  const latest = latestIndex(series, x.length);
  const spoken = shown ?? latest;
  const openText = isProvisional?.[spoken] === true ? `, ${t.chart.provisional}` : '';
  const spokenTitle = `${titleOf(x[spoken] ?? 0)}${openText}`;
  return (
    <div class="chart">
      {(props.hasLegend ?? series.length > 1) && (
        <Legend series={series} hasProvisional={isProvisional?.includes(true) === true} />
      )}
      <div
        class={`chart-plot chart-${size}`}
        ref={hostRef}
        role="slider"
        tabIndex={0}
        aria-label={title}
        aria-describedby={hintId}
        aria-valuemin={0}
        aria-valuemax={Math.max(0, x.length - 1)}
        aria-valuenow={spoken}
        aria-valuetext={spokenText(spokenTitle, told, spoken, formatValue, t.chart.none)}
        onKeyDown={(event) => {
          const next = movedIndex(event.key, shown, { length: x.length, latest });
          if (next === undefined) return;
          event.preventDefault();
          moveTo(next);
        }}
        onBlur={() => {
          moveTo(null);
        }}
      />
      <span id={hintId} class="visually-hidden">
        {t.chart.keys}
      </span>
      {shown !== null && (
        <Tooltip
          plot={plotRef.current}
          x={x[shown] ?? 0}
          title={titleOf(x[shown] ?? 0)}
          isProvisional={isProvisional?.[shown] === true}
          rows={told.map((one) => ({ of: one, value: one.values[shown] ?? null }))}
          format={formatValue}
        />
      )}
    </div>
  );
}

/** Makes the plot, and makes it anew when more than its data changes. @returns the ref of its element */
function usePlot(
  props: ChartProps,
  drawn: readonly DrawnSeries[],
  plotRef: { current: uPlot | null },
  onCursor: (index: number | null) => void,
) {
  const { x, xKind, hasAxes = true, startsAtZero = true, isStacked = false, marks = NO_MARKS } = props;
  const { language, format } = useI18n();
  const scheme = useColourScheme();
  const [rootFontPx, setRootFontPx] = useState(readRootFontPx);
  const hostRef = useRef<HTMLDivElement>(null);
  const latest = useRef({ props, marks });
  latest.current = { props, marks };
  const shape = JSON.stringify([
    ...[scheme, language, rootFontPx, xKind, hasAxes, startsAtZero, isStacked],
    ...drawn.map(({ series: { label, colour, kind, isDashed, width }, isProvisional }) => [
      ...[label, colour, kind, isDashed, width, isProvisional],
    ]),
  ]);

  useLayoutEffect(() => {
    const host = hostRef.current;
    if (host === null) return undefined;
    const look = {
      ...{ xKind, hasAxes, startsAtZero, isStacked, onCursor },
      get x() {
        return latest.current.props.x;
      },
      get xRange() {
        return latest.current.props.xRange;
      },
      formatX: (at: number) => (xKind === 'day' ? format.day(dayOf(at)) : format.time(at * 1000)),
      formatY: (value: number) => (latest.current.props.formatAxis ?? format.compact)(value),
      marks: () => latest.current.marks,
      colours: readColours(host),
      rootFontPx,
      fontFamily: getComputedStyle(host).fontFamily,
    };
    const plot = new uPlot(plotOptions(drawn, look, sizeOf(host)), dataOf(x, drawn), host);
    plotRef.current = plot;
    const observer = new ResizeObserver(() => {
      plot.setSize(sizeOf(host));
      // Charts are sized in rem, so their size tells when texts of the page have another one.
      setRootFontPx(readRootFontPx());
    });
    observer.observe(host);
    return () => {
      observer.disconnect();
      plot.destroy();
      plotRef.current = null;
    };
  }, [shape]);

  useEffect(() => {
    plotRef.current?.setData(dataOf(x, drawn));
  }, [x, drawn, props.xRange?.[0], props.xRange?.[1], marks]);
  return hostRef;
}

function readRootFontPx(): number {
  return parseFloat(getComputedStyle(document.documentElement).fontSize);
}

function sizeOf({ clientWidth, clientHeight }: HTMLElement) {
  return { width: clientWidth, height: clientHeight };
}

function dataOf(x: readonly number[], drawn: readonly DrawnSeries[]): uPlot.AlignedData {
  return [[...x], ...drawn.map(({ values }) => [...values])];
}

/** Returns `YYYY-MM-DD` of the first second of a day in Asia/Shanghai. */
function dayOf(unixSeconds: number): string {
  return new Date((unixSeconds + 8 * 3600) * 1000).toISOString().slice(0, 10);
}

function spokenText(
  title: string,
  series: readonly ChartDetail[],
  index: number,
  format: (value: number) => string,
  none: string,
): string {
  const values = series.map(({ label, values: all }) => {
    const value = all[index] ?? null;
    return `${label} ${value === null ? none : format(value)}`;
  });
  return `${title}: ${values.join(', ')}`;
}
