import type { MemorySample } from '../history/history.js';
import { Repetition } from './repetition.js';

const EVERY_MS = 5_000;
const ANSWERS_WITHIN_MS = 2_000;

export interface WatchedReplica {
  readonly index: number;
  readonly url: string;
  readonly pid: number | undefined;
}

/** Samples the memory of each replica as its own metrics tell it. */
export class MemoryWatch {
  private readonly samples = new Repetition(EVERY_MS, () => this.sample());

  constructor(
    private readonly replicas: readonly WatchedReplica[],
    private readonly elapsedMs: () => number,
    private readonly record: (sample: MemorySample) => void,
  ) {}

  start(): void {
    this.samples.start();
  }

  async stop(): Promise<void> {
    await this.samples.stop();
  }

  private async sample(): Promise<void> {
    await Promise.all(
      this.replicas.map(async (replica) => {
        const { index, url, pid } = replica;
        const text = await readMetrics(url);
        // A replica that was started again meanwhile answers for another process.
        if (text === undefined || pid === undefined || replica.pid !== pid) return;
        const residentBytes = readGauge(text, 'process_resident_memory_bytes');
        const heapBytes = readGauge(text, 'nodejs_heap_size_used_bytes');
        if (residentBytes === undefined || heapBytes === undefined) return;
        this.record({ atMs: Math.round(this.elapsedMs()), replica: index, pid, residentBytes, heapBytes });
      }),
    );
  }
}

/** Returns undefined when the replica does not answer, as during a fault. */
async function readMetrics(url: string): Promise<string | undefined> {
  try {
    const response = await fetch(`${url}/metrics`, { signal: AbortSignal.timeout(ANSWERS_WITHIN_MS) });
    return response.ok ? await response.text() : undefined;
  } catch {
    return undefined;
  }
}

function readGauge(text: string, name: string): number | undefined {
  const found = new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)$`, 'm').exec(text);
  return found === null ? undefined : Number(found[1]);
}
