import { setMaxListeners } from 'node:events';
import type { TrafficMetrics } from '../bookkeeping/traffic-metrics.js';
import type { DevicePlan } from '../planning/device-plan.js';
import { DeviceScheduler } from './device-scheduler.js';
import type { MessageSender } from './message-sender.js';

export interface RunLimits {
  readonly durationMs: number;
  /** The time after the last step in which messages may still be retried. */
  readonly drainMs: number;
  /** Ends the run at once. */
  readonly stop: AbortSignal;
}

/**
 * Runs the devices, then waits until every message is delivered, or given up at the end of the drain or at a stop.
 *
 * @param openSender makes the sender, which gives up its messages when the signal aborts
 */
export async function runDevices(
  plans: readonly DevicePlan[],
  metrics: TrafficMetrics,
  { durationMs, drainMs, stop }: RunLimits,
  openSender: (halt: AbortSignal) => MessageSender,
): Promise<void> {
  const halt = new AbortController();
  // Thousands of messages may wait for a retry, each with a listener.
  setMaxListeners(0, halt.signal);
  const onStop = (): void => {
    halt.abort();
  };
  if (stop.aborted) onStop();
  stop.addEventListener('abort', onStop);
  let deadline: NodeJS.Timeout | undefined;
  try {
    const scheduler = new DeviceScheduler(openSender(halt.signal), metrics);
    await scheduler.run(plans, durationMs, halt.signal);
    deadline = setTimeout(onStop, drainMs);
    await scheduler.waitForDeliveries();
  } finally {
    clearTimeout(deadline);
    stop.removeEventListener('abort', onStop);
  }
}
