import type { Check } from '../../simulation/verification/check.js';
import type { History, MemorySample } from '../history/history.js';
import { openCheckOf } from './findings.js';
import { groupBy } from './group-by.js';

const MIB = 1_048_576;
/** The heap is limited to 512 MiB; buffers and code come on top. */
const RESIDENT_AT_MOST = 768 * MIB;
/** A process warms up for this long, and is judged when it has lived twice as long again. */
const WARM_AFTER_MS = 60_000;
const JUDGED_AFTER_MS = 180_000;
const THIRDS = 3;
const GROWTH_AT_MOST = 1.5;
const SMALL_GROWTH = 48 * MIB;

/** The memory of a replica stays flat and within its limit. Growth takes a process that lives long enough. */
export function checkMemory({ memory, replicas }: History): Check[] {
  const processes = [...groupBy(memory, ({ replica, pid }) => `${String(replica)} ${String(pid)}`).values()];
  const largest = Math.max(0, ...memory.map(({ residentBytes }) => residentBytes));
  const judged = processes.filter(isJudged);
  const young = Array.from({ length: replicas }, (_, replica) => replica).filter(
    (replica) => !judged.some((samples) => samples[0]?.replica === replica),
  );
  return [
    openCheckOf(
      'memory is flat',
      processes.flatMap(findingsOf),
      young.length === 0
        ? []
        : [`growth is not judged: no process of replica ${young.join(', ')} lived for 3 minutes`],
      `up to ${mib(largest)} resident, ${String(judged.length)} processes of 3 minutes and more`,
    ),
  ];
}

function findingsOf(samples: readonly MemorySample[]): string[] {
  const replica = `replica ${String(samples[0]?.replica)}`;
  const largest = Math.max(...samples.map(({ residentBytes }) => residentBytes));
  const findings = largest > RESIDENT_AT_MOST ? [`${replica}: ${mib(largest)} resident`] : [];
  if (!isJudged(samples)) return findings;
  const warm = warmSamples(samples);
  const third = Math.floor(warm.length / THIRDS);
  // The smallest heap of a while is what a garbage collection leaves.
  const [before, after] = [smallestHeap(warm.slice(0, third)), smallestHeap(warm.slice(-third))];
  if (after > before * GROWTH_AT_MOST && after > before + SMALL_GROWTH)
    findings.push(`${replica}: the heap after a collection grew from ${mib(before)} to ${mib(after)}`);
  return findings;
}

function isJudged(samples: readonly MemorySample[]): boolean {
  const ageMs = (samples.at(-1)?.atMs ?? 0) - (samples[0]?.atMs ?? 0);
  return ageMs >= JUDGED_AFTER_MS && warmSamples(samples).length >= THIRDS;
}

function warmSamples(samples: readonly MemorySample[]): MemorySample[] {
  const startMs = samples[0]?.atMs ?? 0;
  return samples.filter(({ atMs }) => atMs >= startMs + WARM_AFTER_MS);
}

function smallestHeap(samples: readonly MemorySample[]): number {
  return Math.min(...samples.map(({ heapBytes }) => heapBytes));
}

function mib(bytes: number): string {
  return `${(bytes / MIB).toFixed(0)} MiB`;
}
