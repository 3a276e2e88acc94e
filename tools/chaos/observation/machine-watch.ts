import { closeSync, fdatasyncSync, openSync, readFileSync, unlinkSync, writeSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { MachineSample } from '../history/history.js';

const EVERY_MS = 1_000;
const RESOLUTION_MS = 10;
const NANOSECONDS_PER_MS = 1e6;
/** One page of PostgreSQL. */
const PAGE = Buffer.alloc(8_192);

export interface MachineWatchOptions {
  readonly elapsedMs: () => number;
  readonly record: (sample: MachineSample) => void;
  /** Returns the process id of each replica; undefined while it is down. */
  readonly pids: () => readonly (number | undefined)[];
  readonly directory: string;
}

/** Samples the delays that the machine itself causes, because a starved machine makes every answer late. */
export class MachineWatch {
  private readonly delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  private readonly waits: RunQueueWait[] = [];
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly options: MachineWatchOptions) {}

  start(): void {
    this.delay.enable();
    // The waits before the load count for nothing.
    this.waitsOfReplicas();
    this.timer = setInterval(() => {
      this.sample();
    }, EVERY_MS);
  }

  stop(): void {
    clearInterval(this.timer);
    this.delay.disable();
  }

  private sample(): void {
    const { elapsedMs, record } = this.options;
    const longestMs = this.delay.max / NANOSECONDS_PER_MS - RESOLUTION_MS;
    record({
      atMs: Math.round(elapsedMs()),
      loadPerCpu: (loadavg()[0] ?? 0) / availableParallelism(),
      longestDelayMs: Math.max(0, Math.round(longestMs)),
      waitedMs: this.waitsOfReplicas(),
      syncMs: Math.round(this.sync()),
    });
    // The write above blocks this event loop, and must not count a second time.
    this.delay.reset();
  }

  private waitsOfReplicas(): number[] {
    return this.options.pids().map((pid, replica) => (this.waits[replica] ??= new RunQueueWait()).since(pid));
  }

  private sync(): number {
    const path = join(this.options.directory, 'sync-probe');
    const startedMs = performance.now();
    try {
      const file = openSync(path, 'w');
      try {
        writeSync(file, PAGE);
        fdatasyncSync(file);
      } finally {
        closeSync(file);
        unlinkSync(path);
      }
    } catch {
      return 0;
    }
    return performance.now() - startedMs;
  }
}

/** Measures how long the main thread of a process was ready to run without a CPU. */
class RunQueueWait {
  private pid: number | undefined;
  private lastMs = 0;

  /** Returns the time since the call before, 0 where the system does not tell it. */
  since(pid: number | undefined): number {
    const totalMs = pid === undefined ? 0 : readRunDelayMs(pid);
    const waitedMs = pid === this.pid ? totalMs - this.lastMs : totalMs;
    [this.pid, this.lastMs] = [pid, totalMs];
    return Math.max(0, Math.round(waitedMs));
  }
}

/** Reads the second figure of Linux' schedstat, the nanoseconds spent waiting on a run queue. */
function readRunDelayMs(pid: number): number {
  try {
    const [, waited] = readFileSync(`/proc/${String(pid)}/schedstat`, 'utf8').split(' ');
    return Number(waited) / NANOSECONDS_PER_MS || 0;
  } catch {
    return 0;
  }
}
