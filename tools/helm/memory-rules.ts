import { plainEnvironment, type Manifest } from './manifest.js';

/** Buffers, code and connections of a process that serves; its heap comes on top. */
const OUTSIDE_HEAP_MIB = 256;
/** The primary process serves nothing. */
const PRIMARY_MIB = 128;
const MIB_PER_UNIT: Readonly<Record<string, number>> = {
  Mi: 1,
  Gi: 1024,
  M: 1e6 / 2 ** 20,
  G: 1e9 / 2 ** 20,
};

/** Returns the memory that the service may take at most. */
export function neededMemoryMiB(workers: number, maxOldSpaceMiB: number): number {
  return workers * (maxOldSpaceMiB + OUTSIDE_HEAP_MIB) + (workers > 1 ? PRIMARY_MIB : 0);
}

/** Finds a memory limit under which the heaps of all workers may end the pod. */
export function memoryProblems({ kind, spec }: Manifest): string[] {
  return (spec.template?.spec.containers ?? []).flatMap((container) => {
    const { memory, cpu } = container.resources?.limits ?? {};
    const heap = Number(/--max-old-space-size=(\d+)/.exec(container.command?.join(' ') ?? '')?.[1]);
    if (memory === undefined) return [];
    if (!Number.isInteger(heap)) return [`${kind}: its heap has no bound`];
    const { WORKERS = '1' } = plainEnvironment(container);
    if (WORKERS === 'auto' && cpu === undefined)
      return [`${kind}: WORKERS=auto without a CPU limit counts all cores of the node`];
    const workers = WORKERS === 'auto' ? coresOf(String(cpu)) : Number(WORKERS);
    const needed = neededMemoryMiB(workers, heap);
    return inMiB(memory) >= needed
      ? []
      : [`${kind}: ${workers} × ${heap} MiB of heap and the rest need ${needed} MiB, the limit is ${memory}`];
  });
}

/** A part of a core counts as one, as the service counts it. */
function coresOf(cpu: string): number {
  return Math.max(1, Math.ceil(cpu.endsWith('m') ? Number(cpu.slice(0, -1)) / 1000 : Number(cpu)));
}

function inMiB(memory: string): number {
  const [, number = '', unit = ''] = /^(\d+)([MG]i?)$/.exec(memory) ?? [];
  return Number(number || NaN) * (MIB_PER_UNIT[unit] ?? NaN);
}
