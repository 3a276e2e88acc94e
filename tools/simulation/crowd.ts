import type { Courier } from './courier.js';
import { pause } from './pause.js';
import type { DevicePlan } from './plan.js';
import type { Traffic } from './traffic.js';

interface Step {
  readonly dueMs: number;
  readonly take: () => void;
}

/** Lets every device do at its time what its plan says. */
export class Crowd {
  private readonly deliveries: Promise<void>[] = [];

  constructor(
    private readonly courier: Courier,
    private readonly traffic: Traffic,
  ) {}

  /** Ends when the last step has been taken, or `halt` fires; messages may still be on their way then. */
  async live(plans: readonly DevicePlan[], durationMs: number, halt: AbortSignal): Promise<void> {
    const steps = plans.flatMap((plan) => this.stepsOf(plan));
    steps.sort((left, right) => left.dueMs - right.dueMs);
    const startedMs = performance.now();
    for (const { dueMs, take } of steps) {
      const waitMs = dueMs - (performance.now() - startedMs);
      if (waitMs > 0) await pause(waitMs, halt);
      if (halt.aborted) break;
      take();
    }
    await pause(durationMs - (performance.now() - startedMs), halt);
    this.traffic.devicesActive = 0;
  }

  /** Resolves when every message is delivered or given up. */
  async settle(): Promise<void> {
    await Promise.all(this.deliveries);
  }

  private stepsOf(plan: DevicePlan): Step[] {
    // One batch of a device after the other, as an SDK's queue has it; heartbeats go their own way.
    let queue: Promise<void> = Promise.resolve();
    const steps: Step[] = [];
    for (const { startMs, endMs } of plan.foreground) {
      steps.push({ dueMs: startMs, take: () => (this.traffic.devicesActive += 1) });
      steps.push({ dueMs: endMs, take: () => (this.traffic.devicesActive -= 1) });
    }
    for (const batch of plan.batches) {
      const take = (): void => {
        queue = queue.then(() => this.courier.deliver(plan, batch));
        this.deliveries.push(queue);
      };
      steps.push({ dueMs: batch.dueMs, take });
    }
    for (const heartbeat of plan.heartbeats) {
      steps.push({
        dueMs: heartbeat.dueMs,
        take: () => this.deliveries.push(this.courier.beat(plan, heartbeat)),
      });
    }
    return steps;
  }
}
