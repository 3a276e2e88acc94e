import type { Check } from '../../simulation/verification/check.js';
import type { AppliedFault, History, Operation } from '../history/history.js';
import { rulesOf } from '../plan/fault-kinds.js';
import { endOf, isSuccess } from './event-index.js';
import { checkOf, excusedByMachine, openCheckOf, seconds } from './findings.js';
import { MachineDelay } from './machine-delay.js';
import { START_TAKES_MS } from './processes.js';

export const ANSWERED_WITHIN_MS = 2_500;
/** A replica that is woken works off what has queued up. */
const WAKES_WITHIN_MS = 2_500;
/** A connection may break shortly before the exit of its process is noticed. */
const NOTICED_WITHIN_MS = 1_000;
/** The client gave up by itself: by intent, or after a time that the check of late answers judges. */
const GIVEN_UP = ['aborted', 'timeout'];
const READINESS = '/health/ready';

interface Downtime {
  readonly replica: number | undefined;
  readonly fromMs: number;
  readonly toMs: number;
}

/** A client of a replica that runs sees success or 503 with `Retry-After`, always within 2.5 s. */
export function checkAnswers({ operations, faults, exits, machine }: History): Check[] {
  const answered = operations.filter(({ status }) => status !== undefined);
  const wrong = answered.filter((operation) => !isSuccess(operation) && !isUnavailable(operation));
  const downtimes = downtimesOf({ operations, faults, exits });
  const unanswered = operations.filter(
    (operation) => isCutOff(operation) && !downtimes.some((downtime) => meets(operation, downtime)),
  );
  const frozen = faults.filter(({ kind }) => kind === 'replica.freeze').map(frozenTime);
  const late = operations.filter(
    (operation) => isLate(operation) && !frozen.some((downtime) => meets(operation, downtime)),
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
    checkOf(
      'a running replica answers every request',
      unanswered.map((operation) => `${describe(operation)}: ${String(operation.reason)}`),
      `${String(operations.length)} requests`,
    ),
    openCheckOf(
      'every answer comes within 2.5 s',
      judged.sort((left, right) => right.tookMs - left.tookMs).map(describeLate),
      excusedByMachine(late.length - judged.length),
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

function isCutOff({ status, reason = '' }: Operation): boolean {
  return status === undefined && !GIVEN_UP.includes(reason);
}

function meets(operation: Operation, { replica, fromMs, toMs }: Downtime): boolean {
  return replica === operation.replica && fromMs <= endOf(operation) && operation.atMs <= toMs;
}

function frozenTime({ replica, appliedMs, healedMs }: AppliedFault): Downtime {
  return { replica, fromMs: appliedMs, toMs: healedMs + WAKES_WITHIN_MS };
}

/**
 * Returns the times in which a replica is down by a fault of its process, or because it ended by itself, which another
 * check finds. A process that is started again is down until its first answer.
 */
function downtimesOf({
  operations,
  faults,
  exits,
}: Pick<History, 'operations' | 'faults' | 'exits'>): Downtime[] {
  const answeredAfter = (replica: number | undefined, startMs: number): number =>
    operations.reduce(
      (firstMs, each) =>
        each.replica === replica && each.status !== undefined && each.atMs >= startMs
          ? Math.min(firstMs, endOf(each))
          : firstMs,
      startMs + START_TAKES_MS,
    );
  const hit = faults.filter(({ kind }) => rulesOf(kind).target === 'replica').map(frozenTime);
  const crashed = exits.filter(({ asked }) => asked === null);
  return [
    ...hit.map((downtime) => ({ ...downtime, toMs: answeredAfter(downtime.replica, downtime.toMs) })),
    ...crashed.map(({ replica, atMs }) => ({
      ...{ replica, fromMs: atMs - NOTICED_WITHIN_MS, toMs: answeredAfter(replica, atMs) },
    })),
  ];
}

function describe({ path, atMs, replica }: Operation): string {
  return `${path} at ${seconds(atMs)}, replica ${String(replica)}`;
}

function describeLate(operation: Operation): string {
  const outcome = operation.status ?? operation.reason ?? '';
  return `${describe(operation)}: ${seconds(operation.tookMs)}, then ${String(outcome)}`;
}
