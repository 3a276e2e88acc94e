import type { Check } from '../../simulation/verification/check.js';
import type { AppliedFault, History, Operation } from '../history/history.js';
import { endOf, isSuccess } from './event-index.js';
import { checkOf, seconds, timedCheckOf } from './findings.js';
import { MachineDelay } from './machine-delay.js';

const ANSWERED_WITHIN_MS = 2_500;
/** A replica that is woken works off what has queued up. */
const WAKES_WITHIN_MS = 2_500;
const READINESS = '/health/ready';

/** A client sees success or 503 with `Retry-After`, always within 2.5 s unless the replica is frozen. */
export function checkAnswers({ operations, faults, machine }: History): Check[] {
  const answered = operations.filter(({ status }) => status !== undefined);
  const wrong = answered.filter((operation) => !isSuccess(operation) && !isUnavailable(operation));
  const late = operations.filter(
    (operation) => isLate(operation) && !faults.some((fault) => freezes(fault, operation)),
  );
  const delay = new MachineDelay(machine);
  const judged = late.filter(({ tookMs, replica, atMs }) => {
    return tookMs - delay.between(replica, atMs, atMs + tookMs) > ANSWERED_WITHIN_MS;
  });
  const longestMs = Math.max(0, ...late.map(({ tookMs }) => tookMs));
  return [
    checkOf(
      'a failed request gets 503 with Retry-After',
      wrong.map(
        (operation) =>
          `${describe(operation)}: ${String(operation.status)} ${JSON.stringify(operation.answer)}`,
      ),
      `${String(answered.length)} answers`,
    ),
    timedCheckOf(
      'every answer comes within 2.5 s',
      judged.sort((left, right) => right.tookMs - left.tookMs).map(describeLate),
      late.length - judged.length,
      `${String(operations.length)} requests, the longest beyond it ${seconds(longestMs)}`,
    ),
  ];
}

function isUnavailable({ status, hasRetryAfter, path }: Operation): boolean {
  return status === 503 && (hasRetryAfter === true || path === READINESS);
}

function isLate({ tookMs, reason }: Operation): boolean {
  return tookMs > ANSWERED_WITHIN_MS && reason !== 'aborted';
}

function freezes({ kind, replica, appliedMs, healedMs }: AppliedFault, operation: Operation): boolean {
  return (
    kind === 'replica.freeze' &&
    replica === operation.replica &&
    appliedMs <= endOf(operation) &&
    operation.atMs <= healedMs + WAKES_WITHIN_MS
  );
}

function describe({ path, atMs, replica }: Operation): string {
  return `${path} at ${seconds(atMs)}, replica ${String(replica)}`;
}

function describeLate(operation: Operation): string {
  const outcome = operation.status ?? operation.reason ?? '';
  return `${describe(operation)}: ${seconds(operation.tookMs)}, then ${String(outcome)}`;
}
