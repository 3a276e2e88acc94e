import type { Check } from '../../simulation/verification/check.js';
import type { History, Operation } from '../history/history.js';
import { calmsOf, type Calm } from './calms.js';
import { endOf, isSuccess } from './event-index.js';
import { seconds, timedCheckOf } from './findings.js';
import { groupBy } from './group-by.js';
import { MachineDelay } from './machine-delay.js';

const RECOVERED_WITHIN_MS = 10_000;

interface LateRecovery {
  readonly words: string;
  readonly isByMachine: boolean;
}

/** 10 s after the last fault of a round is healed, every replica serves everything and the outbox moves. */
export function checkRecovery(history: History): Check[] {
  const calms = calmsOf(history);
  const delay = new MachineDelay(history.machine);
  const rounds = `${String(calms.length)} rounds`;
  const timed = (name: string, late: readonly LateRecovery[]): Check => {
    const judged = late.filter(({ isByMachine }) => !isByMachine);
    return timedCheckOf(
      name,
      judged.map(({ words }) => words),
      late.length - judged.length,
      rounds,
    );
  };
  return [
    timed(
      'service recovers within 10 s',
      calms.flatMap((calm) => serviceFindings(history, calm, delay)),
    ),
    timed(
      'outbox moves again within 10 s',
      calms.flatMap((calm) => outboxFindings(history, calm, delay)),
    ),
  ];
}

/**
 * Measures each round's time from the heal to the first success after the last failure of any probe; 0 for a round
 * after which nothing failed.
 */
export function recoveriesOf(history: History): number[] {
  return calmsOf(history).map((calm) =>
    Math.max(0, ...[...probesByTarget(history, calm)].map(([, probes]) => recoveryOf(probes, calm))),
  );
}

function recoveryOf(probes: readonly Operation[], { healedMs }: Calm): number {
  const failed = probes.findLastIndex((probe) => !isSuccess(probe));
  const next = probes[failed + 1] ?? probes[failed];
  return failed < 0 || next === undefined ? 0 : Math.round(next.atMs - healedMs);
}

/** Groups the probes of a calm by replica and path, in the order of their sending. */
function probesByTarget({ operations }: History, { healedMs, endMs }: Calm): Map<string, Operation[]> {
  const probes = operations.filter(
    // A probe that is in flight when the next fault begins says nothing about the recovery.
    (probe) => probe.client === 'probe' && probe.atMs > healedMs && endOf(probe) < endMs,
  );
  return groupBy(
    probes.sort((left, right) => left.atMs - right.atMs),
    ({ replica, path }) => `${path} of replica ${String(replica)}`,
  );
}

function serviceFindings(history: History, calm: Calm, delay: MachineDelay): LateRecovery[] {
  const { after, healedMs } = calm;
  return [...probesByTarget(history, calm)].flatMap(([target, probes]) => {
    const failed = probes.findLast((probe) => !isSuccess(probe));
    const lateMs = failed === undefined ? 0 : failed.atMs - healedMs;
    if (failed === undefined || lateMs <= RECOVERED_WITHIN_MS) return [];
    const words = `after ${after}: ${target} still ${outcomeOf(failed)} ${seconds(lateMs)} after the heal at ${seconds(healedMs)}`;
    const delayMs = delay.between(failed.replica, healedMs, failed.atMs);
    return [{ words, isByMachine: lateMs - delayMs <= RECOVERED_WITHIN_MS }];
  });
}

function outboxFindings(
  { outbox }: History,
  { after, healedMs, endMs }: Calm,
  delay: MachineDelay,
): LateRecovery[] {
  const stuck = outbox
    .filter(({ atMs }) => atMs >= healedMs + RECOVERED_WITHIN_MS && atMs < endMs)
    .filter(({ oldestMs }) => oldestMs > RECOVERED_WITHIN_MS)
    .at(-1);
  if (stuck === undefined) return [];
  const words = `after ${after}: ${String(stuck.messages)} messages, the oldest of ${seconds(stuck.oldestMs)}, ${seconds(stuck.atMs - healedMs)} after the heal at ${seconds(healedMs)}`;
  const delayMs = delay.longestBetween(healedMs, stuck.atMs);
  return [{ words, isByMachine: stuck.oldestMs - delayMs <= RECOVERED_WITHIN_MS }];
}

function outcomeOf({ status, reason, answer }: Operation): string {
  const { code } = (answer ?? {}) as { readonly code?: string };
  return [status ?? reason ?? 'no answer', code ?? ''].join(' ').trim();
}
