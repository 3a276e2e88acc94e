/**
 * `npm run bench:flame -- FILE.cpuprofile OUT.svg` draws a CPU profile of `npm run bench -- --profile=DIR`.
 * Width is time and depth is the stack; idle time and the process's startup are left out.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';

import { commandLineOf } from '../tools/support/command-line-of.js';
import { BENCH_FLAME } from './support/flame-graph-command.js';
import { mergeStacks, type Frame, type Profile } from './support/profile-stacks.js';
import { escapeXml, svg } from './support/svg.js';

const WIDTH = 1600;
const ROW_HEIGHT = 17;
/** The width below which a frame is left out. */
const MIN_PIXELS = 3;
const PIXELS_PER_CHARACTER = 6.6;
const COLOURS: Readonly<Record<string, string>> = {
  ours: '#e8a33d',
  packages: '#7fb2d9',
  node: '#b9c7a5',
  engine: '#cfc3d8',
};

const [input, output] = commandLineOf(BENCH_FLAME);
const root = mergeStacks(JSON.parse(readFileSync(input, 'utf8')) as Profile);
const boxes: string[] = [];
let depth = 0;
draw(root, 0, WIDTH, 0);
const height = 60 + (depth + 1) * ROW_HEIGHT;
const legend = Object.entries(COLOURS).map(
  ([origin, colour], index) =>
    `<rect x="${700 + index * 130}" y="12" width="14" height="14" fill="${colour}"/><text x="${720 + index * 130}" y="24">${origin}</text>`,
);
writeFileSync(
  output,
  svg(WIDTH, height, [
    `<text x="10" y="24" font-size="15" font-weight="600">${escapeXml(basename(input))}: ${(root.microseconds / 1e6).toFixed(1)} s of work</text>`,
    ...legend,
    '<g font-size="11" font-family="ui-monospace, monospace">',
    ...boxes,
    '</g>',
  ]),
);

function draw(frame: Frame, left: number, width: number, level: number): void {
  if (width < MIN_PIXELS) return;
  depth = Math.max(depth, level);
  const y = 40 + level * ROW_HEIGHT;
  const room = Math.floor((width - 4) / PIXELS_PER_CHARACTER);
  const label = room < 4 ? '' : frame.name.length > room ? `${frame.name.slice(0, room - 1)}…` : frame.name;
  const share = ((100 * frame.microseconds) / root.microseconds).toFixed(1);
  boxes.push(
    `<g><title>${escapeXml(frame.name)}: ${share} %</title>` +
      `<rect x="${left.toFixed(1)}" y="${y}" width="${Math.max(1, width - 0.5).toFixed(1)}" height="${ROW_HEIGHT - 1}" fill="${COLOURS[frame.origin]}"/>` +
      (label === '' ? '' : `<text x="${(left + 2).toFixed(1)}" y="${y + 12}">${escapeXml(label)}</text>`) +
      '</g>',
  );
  let x = left;
  for (const callee of [...frame.callees.values()].sort((a, b) => b.microseconds - a.microseconds)) {
    const share = (width * callee.microseconds) / frame.microseconds;
    draw(callee, x, share, level + 1);
    x += share;
  }
}
