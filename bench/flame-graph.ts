/**
 * `npm run bench:flame -- FILE.cpuprofile OUT.svg`: a CPU profile, as `npm run bench -- --profile=DIR` leaves it, as a picture.
 * Width is time, depth is the stack; time in which the process had nothing to do is left out, and so is its start.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';

import { escapeXml, svg } from './support/svg.js';

interface ProfileNode {
  readonly id: number;
  readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  readonly children?: readonly number[];
}

interface Profile {
  readonly nodes: readonly ProfileNode[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

interface Frame {
  readonly name: string;
  readonly origin: string;
  microseconds: number;
  readonly callees: Map<string, Frame>;
}

const WIDTH = 1600;
const ROW = 17;
/** A thinner frame could neither be read nor clicked at. */
const MIN_PIXELS = 3;
const PIXELS_PER_CHARACTER = 6.6;
const NOT_WORK = new Set(['(idle)', '(root)']);
const START = /internal\/modules|internal\/process\/esm|cjs-module-lexer|internal\/bootstrap|^evaluate/;
const COLOURS: Readonly<Record<string, string>> = {
  ours: '#e8a33d',
  packages: '#7fb2d9',
  node: '#b9c7a5',
  engine: '#cfc3d8',
};

const [input, output] = process.argv.slice(2);
if (input === undefined || output === undefined) {
  console.error('Usage: npm run bench:flame -- FILE.cpuprofile OUT.svg');
  process.exit(2);
}
const root = mergeStacks(JSON.parse(readFileSync(input, 'utf8')) as Profile);
const boxes: string[] = [];
let depth = 0;
draw(root, 0, WIDTH, 0);
const height = 60 + (depth + 1) * ROW;
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

/** The same stack at different times is one frame. */
function mergeStacks({ nodes, samples, timeDeltas }: Profile): Frame {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const parents = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id])));
  const selfMicroseconds = new Map<number, number>();
  samples.forEach((id, index) => {
    selfMicroseconds.set(id, (selfMicroseconds.get(id) ?? 0) + Math.max(0, timeDeltas[index] ?? 0));
  });
  const top: Frame = { name: 'all', origin: 'engine', microseconds: 0, callees: new Map() };
  for (const [id, microseconds] of selfMicroseconds) {
    const stack: ProfileNode[] = [];
    for (let at: number | undefined = id; at !== undefined; at = parents.get(at)) {
      const node = byId.get(at);
      if (node !== undefined) stack.unshift(node);
    }
    if (NOT_WORK.has(stack.at(-1)?.callFrame.functionName ?? '') || stack.some(isStart)) continue;
    let frame = top;
    frame.microseconds += microseconds;
    for (const { callFrame } of stack.slice(1)) {
      const name = `${callFrame.functionName || '(anonymous)'} ${whereOf(callFrame.url)}`.trim();
      let callee = frame.callees.get(name);
      if (callee === undefined) {
        callee = { name, origin: originOf(callFrame.url), microseconds: 0, callees: new Map() };
        frame.callees.set(name, callee);
      }
      callee.microseconds += microseconds;
      frame = callee;
    }
  }
  return top;
}

function isStart({ callFrame }: ProfileNode): boolean {
  return START.test(callFrame.url) || START.test(callFrame.functionName);
}

function originOf(url: string): string {
  if (url === '') return 'engine';
  if (url.startsWith('node:')) return 'node';
  return url.includes('node_modules') ? 'packages' : 'ours';
}

/** The package, Node's module, or our own file. */
function whereOf(url: string): string {
  const ofPackage = /node_modules\/((?:@[^/]+\/)?[^/]+)(?!.*node_modules)/.exec(url);
  if (ofPackage !== null) return ofPackage[1] ?? '';
  return url.startsWith('node:') ? url : basename(url);
}

function draw(frame: Frame, left: number, width: number, level: number): void {
  if (width < MIN_PIXELS) return;
  depth = Math.max(depth, level);
  const y = 40 + level * ROW;
  const room = Math.floor((width - 4) / PIXELS_PER_CHARACTER);
  const label = room < 4 ? '' : frame.name.length > room ? `${frame.name.slice(0, room - 1)}…` : frame.name;
  const share = ((100 * frame.microseconds) / root.microseconds).toFixed(1);
  boxes.push(
    `<g><title>${escapeXml(frame.name)}: ${share} %</title>` +
      `<rect x="${left.toFixed(1)}" y="${y}" width="${Math.max(1, width - 0.5).toFixed(1)}" height="${ROW - 1}" fill="${COLOURS[frame.origin]}"/>` +
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
