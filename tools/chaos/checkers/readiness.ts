import type { Check } from '../../simulation/verification/check.js';
import type { History, Operation } from '../history/history.js';
import { endOf, isSuccess } from './event-index.js';
import { checkOf, seconds } from './findings.js';

/** The time that readiness has to notice an outage. */
const NOTICED_WITHIN_MS = 6_000;
/** A failure that is older says nothing about this moment. */
const STILL_FAILING_MS = 1_500;

/** Readiness does not vouch for writes that fail. */
export function checkReadiness({ operations, replicas }: History): Check[] {
  const findings = Array.from({ length: replicas }, (_, replica) =>
    operations.filter((each) => each.client === 'probe' && each.replica === replica),
  ).flatMap((probes) => [
    // The service does not do its job without PostgreSQL; without Redis it is degraded.
    ...untrue(probes, '/analytics/events', (ready) => ready.status === 200),
    ...untrue(probes, '/presence/heartbeat', (ready) => ready.status === 200 && statusOf(ready) === 'ok'),
  ]);
  return [checkOf('readiness tells the truth', findings, `${String(replicas)} replicas`)];
}

function untrue(
  probes: readonly Operation[],
  path: string,
  vouches: (ready: Operation) => boolean,
): string[] {
  const findings: string[] = [];
  let failingSince: Operation | undefined;
  let lastFailureMs = -Infinity;
  let isReported = false;
  for (const probe of [...probes].sort((left, right) => endOf(left) - endOf(right))) {
    if (probe.path === path) {
      // An answer proves that the service itself cannot write; a lost connection does not.
      const isDown = probe.reason === 'ECONNREFUSED';
      if (isSuccess(probe) || isDown) [failingSince, isReported] = [undefined, false];
      else if (probe.status !== undefined) {
        failingSince ??= probe;
        lastFailureMs = endOf(probe);
      }
    } else if (probe.path === '/health/ready' && failingSince !== undefined && !isReported) {
      const failingMs = probe.atMs - endOf(failingSince);
      const isOver = probe.atMs - lastFailureMs > STILL_FAILING_MS;
      if (failingMs <= NOTICED_WITHIN_MS || isOver || !vouches(probe)) continue;
      isReported = true;
      findings.push(
        `replica ${String(probe.replica)} at ${seconds(probe.atMs)}: ${path} has failed for ${seconds(failingMs)}, readiness says ${String(probe.status)} ${String(statusOf(probe))}`,
      );
    }
  }
  return findings;
}

function statusOf({ answer }: Operation): unknown {
  return ((answer ?? {}) as { readonly status?: unknown }).status;
}
