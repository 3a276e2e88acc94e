import { goalText, isMet, type Comparison, type Growth } from './results.js';
import { median } from './statistics.js';
import { escapeXml, svg } from './svg.js';

const WIDTH = 900;
const ROW_HEIGHT = 34;
const LABEL_WIDTH = 420;
const BAR_WIDTH = 370;
const MET = '#2a7f62';
const NOT_MET = '#c0562f';
const NO_GOAL = '#7a7a7a';
const GOAL = '#333333';

/** Draws each ratio as a bar with a line at its goal. */
export function drawRatios(comparisons: readonly Comparison[]): string {
  const height = 60 + comparisons.length * ROW_HEIGHT + 30;
  return svg(WIDTH, height, [
    `<text x="16" y="26" font-size="16" font-weight="600">Service / limit, measured by turns; the line is the goal</text>`,
    ...comparisons.flatMap((comparison, index) => drawRatio(comparison, 50 + index * ROW_HEIGHT)),
    `<text x="16" y="${height - 12}" fill="#555">Green: goal met, red: not met, grey: no goal. For times (rollup, DAU query) shorter is better, for rates longer.</text>`,
  ]);
}

function drawRatio(comparison: Comparison, y: number): string[] {
  const { work, ratio, goal, unit, service } = comparison;
  // A goal for the service's figure is drawn where the ratio would meet it.
  const ownGoal = goal?.valueAtMost === undefined ? undefined : (ratio * goal.valueAtMost) / median(service);
  const atMost = goal?.atMost ?? ownGoal;
  const goalRatio = atMost ?? goal?.atLeast;
  // The full width is twice the goal for times, and for rates the limit itself or what exceeds it.
  const fullRatio = atMost === undefined ? Math.max(1, ratio, 1.2 * (goalRatio ?? 0)) : 2 * atMost;
  const length = (value: number): number => Math.round(BAR_WIDTH * Math.min(1, value / fullRatio));
  const colour = goal === undefined ? NO_GOAL : isMet(comparison) ? MET : NOT_MET;
  return [
    `<text x="16" y="${y + 17}">${escapeXml(work)}</text>`,
    `<rect x="${LABEL_WIDTH}" y="${y + 3}" width="${BAR_WIDTH}" height="20" fill="#eeeeee"/>`,
    `<rect x="${LABEL_WIDTH}" y="${y + 3}" width="${length(ratio)}" height="20" fill="${colour}"><title>${unit}</title></rect>`,
    ...(goalRatio === undefined
      ? []
      : [
          `<line x1="${LABEL_WIDTH + length(goalRatio)}" x2="${LABEL_WIDTH + length(goalRatio)}" y1="${y}" y2="${y + 26}" stroke="${GOAL}" stroke-width="2"/>`,
        ]),
    `<text x="${LABEL_WIDTH + BAR_WIDTH + 10}" y="${y + 17}">${ratio.toFixed(2)} (${goalText(comparison)})</text>`,
  ];
}

/** Draws each figure over the size of the data, on an axis from zero; the colour shows whether the goal is met. */
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
