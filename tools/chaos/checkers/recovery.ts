import type { Check } from '../../simulation/verification/check.js';
import type { History, Operation, OutboxSample } from '../history/history.js';
import { ANSWERED_WITHIN_MS } from './answers.js';
import { calmsOf, type Calm } from './calms.js';
import { endOf, isSuccess } from './event-index.js';
import { excusedByMachine, openCheckOf, seconds } from './findings.js';
import { groupBy } from './group-by.js';
import { MachineDelay } from './machine-delay.js';

const RECOVERED_WITHIN_MS = 10_000;

/** The part of a history that shows recoveries. */
type Recovering = Pick<History, 'faults' | 'operations' | 'replicas' | 'loadMs'>;

interface LateRecovery {
  readonly words: string;
  readonly isByMachine: boolean;
}

/** The success or failure of a probe within its calm, and the time when it was known. */
interface Outcome {
  readonly probe: Operation;
  readonly hasSucceeded: boolean;
  readonly knownMs: number;
}

/**
 * 10 s after the last fault of a round is healed, every replica serves everything and the outbox moves. A round after
 * which this was not observed leaves the check open.
 */
export function checkRecovery(history: History): Check[] {
  const calms = calmsOf(history);
  const delay = new MachineDelay(history.machine);
  const rounds = `${String(calms.length)} rounds`;
  const timed = (name: string, late: readonly LateRecovery[], unseen: readonly string[]): Check => {
    const judged = late.filter(({ isByMachine }) => !isByMachine);
    return openCheckOf(
      name,
      judged.map(({ words }) => words),
      [...excusedByMachine(late.length - judged.length), ...unseen],
      rounds,
    );
  };
  return [
    timed(
      'service recovers within 10 s',
      calms.flatMap((calm) => serviceFindings(history, calm, delay)),
      calms.flatMap((calm) => unseenServices(history, calm)),
    ),
    timed(
      'outbox moves again within 10 s',
      calms.flatMap((calm) => outboxFindings(history, calm, delay)),
      calms.flatMap((calm) =>
        lateSamples(history, calm).length > 0 ? [] : [`no sample of the outbox 10 s after ${calm.after}`],
      ),
    ),
  ];
}

/**
 * Measures each round's time from the heal to the first success after the last failure of any probe; 0 for a round
 * after which nothing failed. A round whose probes do not show it has none.
 */
export function recoveriesOf(history: Recovering): number[] {
  return calmsOf(history).flatMap((calm) => {
    const outcomes = [...outcomesByTarget(history, calm).values()];
    const longestMs = Math.max(0, ...outcomes.map((each) => recoveryOf(each, calm)));
    return longestMs > 0 || unprobedReplicas(history, calm).length === 0 ? [longestMs] : [];
  });
}

/** Returns the least time that the recovery took when the calm ended before it. */
function recoveryOf(outcomes: readonly Outcome[], { healedMs, endMs }: Calm): number {
  const failed = outcomes.findLastIndex(({ hasSucceeded }) => !hasSucceeded);
  return failed < 0 ? 0 : Math.round((outcomes[failed + 1]?.knownMs ?? endMs) - healedMs);
}

/** Groups the outcomes of a calm by replica and path, in the order in which they were known. */
function outcomesByTarget(
  { operations }: Pick<History, 'operations'>,
  { healedMs, endMs }: Calm,
): Map<string, Outcome[]> {
  const outcomes = operations
    .filter(({ client, atMs }) => client === 'probe' && atMs > healedMs && atMs < endMs)
    .flatMap((probe): Outcome[] => {
      const isLate = Math.min(endOf(probe), endMs) - probe.atMs > ANSWERED_WITHIN_MS;
      const hasEnded = endOf(probe) < endMs;
      // A probe that has just been sent when the next fault begins says nothing about the recovery.
      if (!hasEnded && !isLate) return [];
      return [{ probe, hasSucceeded: isSuccess(probe) && !isLate, knownMs: hasEnded ? endOf(probe) : endMs }];
    });
  return groupBy(
    outcomes.sort((left, right) => left.knownMs - right.knownMs),
    ({ probe }) => `${probe.path} of replica ${String(probe.replica)}`,
  );
}

function serviceFindings(history: History, calm: Calm, delay: MachineDelay): LateRecovery[] {
  const { after, healedMs } = calm;
  return [...outcomesByTarget(history, calm)].flatMap(([target, outcomes]) => {
    const failed = outcomes.findLast(({ hasSucceeded }) => !hasSucceeded);
    const lateMs = failed === undefined ? 0 : failed.knownMs - healedMs;
    if (failed === undefined || lateMs <= RECOVERED_WITHIN_MS) return [];
    const { probe, knownMs } = failed;
    const words = `after ${after}: ${target} still ${outcomeOf(probe)} ${seconds(lateMs)} after the heal at ${seconds(healedMs)}`;
    const delayMs = delay.between(probe.replica, healedMs, knownMs);
    return [{ words, isByMachine: lateMs - delayMs <= RECOVERED_WITHIN_MS }];
  });
}

/** Names what a calm is too short, or has too few probes, to show. */
function unseenServices(history: History, calm: Calm): string[] {
  const { after, healedMs, endMs } = calm;
  const isShort = endMs - healedMs < RECOVERED_WITHIN_MS;
  return [
    ...unprobedReplicas(history, calm).map(
      (replica) => `no probe of replica ${String(replica)} after ${after}`,
    ),
    ...[...outcomesByTarget(history, calm)].flatMap(([target, outcomes]) =>
      isShort && outcomes.at(-1)?.hasSucceeded === false
        ? [`${target} failed ${seconds(endMs - healedMs)} after ${after}, when the calm ended`]
        : [],
    ),
  ];
}

function unprobedReplicas(history: Recovering, calm: Calm): number[] {
  const probed = new Set(
    [...outcomesByTarget(history, calm).values()].flat().map(({ probe }) => probe.replica),
  );
  return Array.from({ length: history.replicas }, (_, replica) => replica).filter(
    (replica) => !probed.has(replica),
  );
}

function outboxFindings(history: History, calm: Calm, delay: MachineDelay): LateRecovery[] {
  const { after, healedMs } = calm;
  const stuck = lateSamples(history, calm).findLast(({ oldestMs }) => oldestMs > RECOVERED_WITHIN_MS);
  if (stuck === undefined) return [];
  const words = `after ${after}: ${String(stuck.messages)} messages, the oldest of ${seconds(stuck.oldestMs)}, ${seconds(stuck.atMs - healedMs)} after the heal at ${seconds(healedMs)}`;
  const delayMs = delay.longestBetween(healedMs, stuck.atMs);
  return [{ words, isByMachine: stuck.oldestMs - delayMs <= RECOVERED_WITHIN_MS }];
}

/** Returns the samples of the outbox that show whether it moves again in time. */
function lateSamples({ outbox }: History, { healedMs, endMs }: Calm): OutboxSample[] {
  return outbox.filter(({ atMs }) => atMs >= healedMs + RECOVERED_WITHIN_MS && atMs < endMs);
}

function outcomeOf(probe: Operation): string {
  if (isSuccess(probe)) return 'late';
  const { status, reason, answer } = probe;
  const { code } = (answer ?? {}) as { readonly code?: string };
  return [status ?? reason ?? 'no answer', code ?? ''].join(' ').trim();
}
