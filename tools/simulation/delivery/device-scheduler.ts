import type { TrafficMetrics } from '../bookkeeping/traffic-metrics.js';
import type { DevicePlan } from '../planning/device-plan.js';
import type { MessageSender } from './message-sender.js';
import { pause } from './pause.js';

interface Step {
  readonly dueMs: number;
  readonly run: () => void;
}

/** Executes the plans of all devices on time. */
export class DeviceScheduler {
  private readonly deliveries: Promise<void>[] = [];

  constructor(
    private readonly sender: MessageSender,
    private readonly metrics: TrafficMetrics,
  ) {}

  /** Runs until the last step or until `halt` aborts; messages may still be in flight then. */
  async run(plans: readonly DevicePlan[], durationMs: number, halt: AbortSignal): Promise<void> {
    const steps = plans.flatMap((plan) => this.stepsOf(plan));
    steps.sort((left, right) => left.dueMs - right.dueMs);
    const startedMs = performance.now();
    for (const step of steps) {
      const waitMs = step.dueMs - (performance.now() - startedMs);
      if (waitMs > 0) await pause(waitMs, halt);
      if (halt.aborted) break;
      step.run();
    }
    await pause(durationMs - (performance.now() - startedMs), halt);
    this.metrics.devicesActive = 0;
  }

  /** Resolves when every message is delivered or given up. */
  async waitForDeliveries(): Promise<void> {
    await Promise.all(this.deliveries);
  }

  private stepsOf(plan: DevicePlan): Step[] {
    // A device sends its batches one after the other, as an SDK's queue does; heartbeats do not wait for them.
    let queue: Promise<void> = Promise.resolve();
    const steps: Step[] = [];
    for (const { startMs, endMs } of plan.foreground) {
      steps.push({ dueMs: startMs, run: () => (this.metrics.devicesActive += 1) });
      steps.push({ dueMs: endMs, run: () => (this.metrics.devicesActive -= 1) });
    }
    for (const batch of plan.batches) {
      const run = (): void => {
        queue = queue.then(() => this.sender.sendBatch(plan, batch));
        this.deliveries.push(queue);
      };
      steps.push({ dueMs: batch.dueMs, run });
    }
    for (const heartbeat of plan.heartbeats) {
      steps.push({
        dueMs: heartbeat.dueMs,
        run: () => this.deliveries.push(this.sender.sendHeartbeat(plan, heartbeat)),
      });
    }
    return steps;
  }
}
