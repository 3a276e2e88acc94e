import { basename } from 'node:path';

interface ProfileNode {
  readonly id: number;
  readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  readonly children?: readonly number[];
}

/** A CPU profile as Node.js writes it. */
export interface Profile {
  readonly nodes: readonly ProfileNode[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

/** A function in a stack; frames with the same stack are merged. */
export interface Frame {
  readonly name: string;
  readonly origin: string;
  microseconds: number;
  readonly callees: Map<string, Frame>;
}

const IDLE = new Set(['(idle)', '(root)']);
const STARTUP = /internal\/modules|internal\/process\/esm|cjs-module-lexer|internal\/bootstrap|^evaluate/;

/** Merges the samples of equal stacks into frames, without idle time and the process's startup. */
export function mergeStacks({ nodes, samples, timeDeltas }: Profile): Frame {
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
    if (IDLE.has(stack.at(-1)?.callFrame.functionName ?? '') || stack.some(isStartup)) continue;
    let frame = top;
    frame.microseconds += microseconds;
    for (const { callFrame } of stack.slice(1)) {
      const name = `${callFrame.functionName || '(anonymous)'} ${describeOrigin(callFrame.url)}`.trim();
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

function isStartup({ callFrame }: ProfileNode): boolean {
  return STARTUP.test(callFrame.url) || STARTUP.test(callFrame.functionName);
}

function originOf(url: string): string {
  if (url === '') return 'engine';
  if (url.startsWith('node:')) return 'node';
  return url.includes('node_modules') ? 'packages' : 'ours';
}

/** Returns the package, the Node.js module, or the name of our own file. */
function describeOrigin(url: string): string {
  const ofPackage = /node_modules\/((?:@[^/]+\/)?[^/]+)(?!.*node_modules)/.exec(url);
  if (ofPackage !== null) return ofPackage[1] ?? '';
  return url.startsWith('node:') ? url : basename(url);
}
