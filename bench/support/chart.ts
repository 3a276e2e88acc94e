import { goalText, isMet, type Comparison, type Growth } from './results.js';
import { escapeXml, svg } from './svg.js';

const WIDTH = 900;
const ROW = 34;
const LABELS = 420;
const BARS = 370;
const MET = '#2a7f62';
const NOT_MET = '#c0562f';
const NO_GOAL = '#7a7a7a';
const GOAL = '#333333';

/** Each ratio as a bar beside its goal; a bar that must stay short says so by its goal's label. */
export function drawRatios(comparisons: readonly Comparison[]): string {
  const height = 60 + comparisons.length * ROW + 30;
  return svg(WIDTH, height, [
    `<text x="16" y="26" font-size="16" font-weight="600">Service / limit, measured by turns; the line is the goal</text>`,
    ...comparisons.flatMap((comparison, index) => drawRatio(comparison, 50 + index * ROW)),
    `<text x="16" y="${height - 12}" fill="#555">Green: goal met, red: not met, grey: no goal. For times (rollup, DAU query) shorter is better, for rates longer.</text>`,
  ]);
}

function drawRatio({ work, ratio, goal, unit }: Comparison, y: number): string[] {
  const wanted = goal?.atMost ?? goal?.atLeast;
  // Times are drawn against twice their goal, rates against the limit itself.
  const full = goal?.atMost === undefined ? 1 : 2 * goal.atMost;
  const length = (value: number): number => Math.round(BARS * Math.min(1, value / full));
  const colour = goal === undefined ? NO_GOAL : isMet(ratio, goal) ? MET : NOT_MET;
  return [
    `<text x="16" y="${y + 17}">${escapeXml(work)}</text>`,
    `<rect x="${LABELS}" y="${y + 3}" width="${BARS}" height="20" fill="#eeeeee"/>`,
    `<rect x="${LABELS}" y="${y + 3}" width="${length(ratio)}" height="20" fill="${colour}"><title>${unit}</title></rect>`,
    ...(wanted === undefined
      ? []
      : [
          `<line x1="${LABELS + length(wanted)}" x2="${LABELS + length(wanted)}" y1="${y}" y2="${y + 26}" stroke="${GOAL}" stroke-width="2"/>`,
        ]),
    `<text x="${LABELS + BARS + 10}" y="${y + 17}">${ratio.toFixed(2)} (${goalText(goal)})</text>`,
  ];
}

/** Each figure as it is while data grow, from nothing up to its highest; the colour says whether the goal is met. */
export function drawGrowth(growth: readonly Growth[]): string {
  const [plotWidth, plotHeight] = [360, 170];
  return svg(
    WIDTH,
    70 + plotHeight + 60,
    growth.flatMap(({ what, unit, points, met }, index) => {
      const colour = met ? MET : NOT_MET;
      const left = 60 + index * (plotWidth + 80);
      const top = 60;
      const highest = Math.max(...points.map(({ value }) => value));
      const furthest = Math.max(...points.map(({ millions }) => millions));
      const at = points.map(({ millions, value }) => ({
        x: left + Math.round((millions / furthest) * plotWidth),
        y: top + Math.round(plotHeight - (value / highest) * plotHeight * 0.9),
        text: value.toLocaleString('en', { maximumSignificantDigits: 3 }),
        millions,
      }));
      return [
        `<text x="${left}" y="30" font-size="15" font-weight="600">${escapeXml(what)}</text>`,
        `<line x1="${left}" x2="${left + plotWidth}" y1="${top + plotHeight}" y2="${top + plotHeight}" stroke="#999"/>`,
        `<polyline fill="none" stroke="${colour}" stroke-width="2" points="${at.map(({ x, y }) => `${x},${y}`).join(' ')}"/>`,
        ...at.flatMap(({ x, y, text, millions }) => [
          `<circle cx="${x}" cy="${y}" r="4" fill="${colour}"/>`,
          `<text x="${x}" y="${y - 10}" text-anchor="middle">${text} ${unit}</text>`,
          `<text x="${x}" y="${top + plotHeight + 20}" text-anchor="middle" fill="#555">${millions} M</text>`,
        ]),
      ];
    }),
  );
}
