import uPlot from 'uplot';
import { daySplits, timeSplits } from './axis-splits.js';
import { hatching, withAlpha, type ChartColours } from './chart-colours.js';
import { markPainter } from './chart-marks.js';
import { loneIndexes, type DrawnSeries, type Mark } from './chart-model.js';

const DAY_SECONDS = 86_400;
/** Lines grow with the texts of large screens. */
const BASE_FONT_PX = 14;

export interface ChartLook {
  readonly x: readonly number[];
  readonly xKind: 'day' | 'time';
  /** Fixes the first and the last x; by default those of the data. */
  readonly xRange: readonly [number, number] | undefined;
  readonly hasAxes: boolean;
  readonly startsAtZero: boolean;
  readonly isStacked: boolean;
  readonly formatX: (x: number) => string;
  readonly formatY: (y: number) => string;
  readonly colours: ChartColours;
  readonly rootFontPx: number;
  readonly fontFamily: string;
  readonly onCursor: (index: number | null) => void;
  /** Returns the marks of the moment, at each drawing. */
  readonly marks: () => readonly Mark[];
}

/** Translates a chart of the page into options of uPlot. */
export function plotOptions(
  drawn: readonly DrawnSeries[],
  look: ChartLook,
  size: { readonly width: number; readonly height: number },
): uPlot.Options {
  const fontPx = Math.round(look.rootFontPx * 0.82);
  const dot = (index: number, px: number): number => (drawn[index - 1]?.series.kind === 'bars' ? 0 : px);
  return {
    ...size,
    // The label of the last day stands half beyond the plot.
    padding: look.hasAxes ? [fontPx * 0.6, fontPx * (look.xKind === 'day' ? 2 : 1), 0, 0] : [4, 4, 4, 4],
    legend: { show: false },
    scales: {
      x: { time: false, range: () => xRange(look) },
      y: { range: (_, min, max) => yRange(min, max, look.startsAtZero) },
    },
    axes: axes(look, fontPx),
    series: [{}, ...drawn.map((one) => plotSeries(one, look))],
    cursor: {
      y: false,
      drag: { x: false, y: false, setScale: false },
      // A bar is its own mark.
      points: { size: (_, index) => dot(index, 7), width: (_, index) => dot(index, 2) },
    },
    hooks: {
      setCursor: [
        ({ cursor }) => {
          look.onCursor(cursor.left === undefined || cursor.left < 0 ? null : (cursor.idx ?? null));
        },
      ],
      draw: [markPainter(look.marks, look.colours, `${fontPx}px ${look.fontFamily}`)],
    },
  };
}

function xRange({ x, xKind, xRange: fixed }: ChartLook): [number, number] {
  if (fixed !== undefined) return [...fixed];
  const [first = 0, last = 1] = [x[0], x.at(-1)];
  // Bars stand on both sides of their day.
  const margin = xKind === 'day' ? DAY_SECONDS / 2 : 0;
  return [first - margin, (last > first || margin > 0 ? last : first + 1) + margin];
}

function yRange(min: number | null, max: number | null, startsAtZero: boolean): [number, number] {
  const [low, high] = [min ?? 0, max ?? 1];
  if (startsAtZero) return [0, high === 0 ? 1 : high * 1.08];
  const margin = Math.max((high - low) * 0.15, high * 0.08, 1);
  return [Math.max(0, low - margin), high + margin];
}

function axes(look: ChartLook, fontPx: number): uPlot.Axis[] {
  if (!look.hasAxes) return [{ show: false }, { show: false }];
  const text = {
    font: `${fontPx}px ${look.fontFamily}`,
    stroke: look.colours['ink-3'],
    ticks: { show: false },
    border: { show: false },
  };
  const labelPx = fontPx * (look.xKind === 'day' ? 5.6 : 4.8);
  return [
    {
      ...text,
      size: fontPx * 1.9,
      gap: fontPx * 0.5,
      grid: { show: false },
      splits: (plot, _, min, max) => {
        const width = plot.bbox.width / devicePixelRatio;
        return look.xKind === 'day'
          ? daySplits(look.x, width, labelPx)
          : timeSplits(min, max, width, labelPx);
      },
      values: (_, splits) => splits.map((split) => look.formatX(split)),
    },
    {
      ...text,
      // uPlot passes no values before it has data.
      size: (_, values: string[] | null) =>
        fontPx * (0.62 * Math.max(3, ...(values ?? []).map(widthOf)) + 0.9),
      gap: fontPx * 0.6,
      space: fontPx * 4,
      grid: { stroke: look.colours.grid, width: 1 },
      values: (_, splits) => splits.map((split) => look.formatY(split)),
    },
  ];
}

/** Returns the width of a text in digits; a Chinese character is wider than one. */
function widthOf(text: string): number {
  return text.length + 0.7 * text.replace(/[^\u2e80-\uffff]/g, '').length;
}

function plotSeries({ series, isProvisional }: DrawnSeries, look: ChartLook): uPlot.Series {
  const colour = look.colours[series.colour];
  const shared = { label: series.label, spanGaps: false };
  if (series.kind === 'bars') {
    return {
      ...shared,
      points: { show: false },
      width: look.isStacked ? 1 : 0,
      stroke: look.colours.surface,
      fill: ({ ctx }) => (isProvisional ? hatching(ctx, colour, look.colours.surface) : colour),
      ...(uPlot.paths.bars !== undefined && {
        paths: uPlot.paths.bars({ size: [0.7, 40], radius: look.isStacked ? 0 : 0.12 }),
      }),
    };
  }
  const width = (series.width ?? 2) * Math.max(1, look.rootFontPx / BASE_FONT_PX);
  return {
    ...shared,
    width,
    stroke: colour,
    points: {
      ...{ show: false, size: width + 3, width: 0, stroke: colour, fill: colour },
      filter: (plot, index) => loneIndexes(plot.data[index] ?? []),
    },
    ...((series.isDashed === true || isProvisional) && { dash: [5, 4] }),
    ...(series.kind === 'area' && { fill: withAlpha(colour, 0.13) }),
  };
}
