import type { Check } from '../../simulation/verification/check.js';
import type { History, Operation } from '../history/history.js';
import { endOf, isSuccess } from './event-index.js';
import { checkOf, seconds } from './findings.js';
import { MachineDelay } from './machine-delay.js';

/** The time that readiness has to notice an outage. */
const NOTICED_WITHIN_MS = 6_000;

/** Readiness does not vouch for writes that fail. */
export function checkReadiness({ operations, replicas, machine }: History): Check[] {
  const delay = new MachineDelay(machine);
  const findings = Array.from({ length: replicas }, (_, replica) =>
    operations.filter((each) => each.client === 'probe' && each.replica === replica),
  ).flatMap((probes) => [
    // The service does not do its job without PostgreSQL; without Redis it is degraded.
    ...untrue(probes, delay, '/analytics/events', (ready) => ready.status === 200),
    ...untrue(
      probes,
      delay,
      '/presence/heartbeat',
      (ready) => ready.status === 200 && statusOf(ready) === 'ok',
    ),
  ]);
  return [checkOf('readiness tells the truth', findings, `${String(replicas)} replicas`)];
}

function untrue(
  probes: readonly Operation[],
  delay: MachineDelay,
  path: string,
  vouches: (ready: Operation) => boolean,
): string[] {
  const findings: string[] = [];
  let failingSince: Operation | undefined;
  let vouched: Operation | undefined;
  let isReported = false;
  for (const probe of [...probes].sort((left, right) => endOf(left) - endOf(right))) {
    if (probe.path === '/health/ready') {
      const sinceMs = failingSince === undefined ? probe.atMs : endOf(failingSince);
      const failingMs = probe.atMs - sinceMs;
      if (failingMs <= NOTICED_WITHIN_MS || !vouches(probe)) continue;
      if (failingMs - delay.between(probe.replica, sinceMs, probe.atMs) > NOTICED_WITHIN_MS)
        vouched ??= probe;
    } else if (probe.path === path) {
      // A replica that is down, or has recovered, begins anew.
      if (isSuccess(probe) || probe.reason === 'ECONNREFUSED') {
        [failingSince, vouched, isReported] = [undefined, undefined, false];
      } else if (probe.status !== undefined) {
        failingSince ??= probe;
        // A failure that was sent after the answer proves it wrong; an earlier one may have been the last.
        if (vouched === undefined || isReported || probe.atMs < endOf(vouched)) continue;
        isReported = true;
        findings.push(describe(vouched, path, vouched.atMs - endOf(failingSince)));
      }
    }
  }
  return findings;
}

function describe(ready: Operation, path: string, failingMs: number): string {
  const words = `readiness says ${String(ready.status)} ${String(statusOf(ready))}`;
  return `replica ${String(ready.replica)} at ${seconds(ready.atMs)}: ${path} has failed for ${seconds(failingMs)}, ${words}`;
}

function statusOf({ answer }: Operation): unknown {
  return ((answer ?? {}) as { readonly status?: unknown }).status;
}
