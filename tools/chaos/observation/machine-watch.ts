import { availableParallelism, loadavg } from 'node:os';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { MachineSample } from '../history/history.js';

const EVERY_MS = 5_000;
const NANOSECONDS_PER_MS = 1e6;

/** Samples how busy the machine is, because a starved machine makes every answer late. */
export class MachineWatch {
  private readonly delay = monitorEventLoopDelay({ resolution: 10 });
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly elapsedMs: () => number,
    private readonly record: (sample: MachineSample) => void,
  ) {}

  start(): void {
    this.delay.enable();
    this.timer = setInterval(() => {
      this.record({
        atMs: Math.round(this.elapsedMs()),
        loadPerCpu: (loadavg()[0] ?? 0) / availableParallelism(),
        longestDelayMs: Math.round(this.delay.max / NANOSECONDS_PER_MS),
      });
      this.delay.reset();
    }, EVERY_MS);
  }

  stop(): void {
    clearInterval(this.timer);
    this.delay.disable();
  }
}
