import type { Check } from '../../simulation/verification/check.js';
import type { AppliedFault, History, Operation } from '../history/history.js';
import { endOf, isSuccess } from './event-index.js';
import { checkOf, seconds } from './findings.js';
import { groupBy } from './group-by.js';

const RECOVERED_WITHIN_MS = 10_000;

/** The calm after one round of faults. */
interface Calm {
  readonly after: string;
  readonly healedMs: number;
  readonly endMs: number;
}

/** 10 s after the last fault of a round is healed, every replica serves everything and the outbox moves. */
export function checkRecovery(history: History): Check[] {
  const calms = calmsOf(history);
  const rounds = `${String(calms.length)} rounds`;
  return [
    checkOf(
      'service recovers within 10 s',
      calms.flatMap((calm) => serviceFindings(history, calm)),
      rounds,
    ),
    checkOf(
      'outbox moves again within 10 s',
      calms.flatMap((calm) => outboxFindings(history, calm)),
      rounds,
    ),
  ];
}

function calmsOf({ faults, loadMs }: History): Calm[] {
  const rounds = [...groupBy(faults, ({ round }) => round).values()];
  return rounds.map((round): Calm => {
    const healedMs = Math.max(...round.map((fault) => fault.healedMs));
    const later = faults.filter(({ appliedMs }) => appliedMs > healedMs).map(({ appliedMs }) => appliedMs);
    return { after: round.map(describeFault).join(' + '), healedMs, endMs: Math.min(loadMs, ...later) };
  });
}

function serviceFindings({ operations, replicas }: History, { after, healedMs, endMs }: Calm): string[] {
  const probes = operations.filter(
    // A probe that is in flight when the next fault begins says nothing about the recovery.
    (probe) => probe.client === 'probe' && probe.atMs > healedMs && endOf(probe) < endMs,
  );
  return Array.from({ length: replicas }, (_, replica) => replica).flatMap((replica) =>
    [...groupBy(probes, ({ path }) => path)].flatMap(([path, all]) => {
      const failed = all.filter((probe) => probe.replica === replica && !isSuccess(probe)).at(-1);
      const lateMs = failed === undefined ? 0 : failed.atMs - healedMs;
      if (failed === undefined || lateMs <= RECOVERED_WITHIN_MS) return [];
      return [
        `after ${after}: ${path} of replica ${String(replica)} still ${outcomeOf(failed)} ${seconds(lateMs)} after the heal at ${seconds(healedMs)}`,
      ];
    }),
  );
}

function outboxFindings({ outbox }: History, { after, healedMs, endMs }: Calm): string[] {
  const stuck = outbox
    .filter(({ atMs }) => atMs >= healedMs + RECOVERED_WITHIN_MS && atMs < endMs)
    .filter(({ oldestMs }) => oldestMs > RECOVERED_WITHIN_MS)
    .at(-1);
  if (stuck === undefined) return [];
  return [
    `after ${after}: ${String(stuck.messages)} messages, the oldest of ${seconds(stuck.oldestMs)}, ${seconds(stuck.atMs - healedMs)} after the heal at ${seconds(healedMs)}`,
  ];
}

function describeFault({ kind, replica }: AppliedFault): string {
  return replica === undefined ? kind : `${kind} of replica ${String(replica)}`;
}

function outcomeOf({ status, reason, answer }: Operation): string {
  const { code } = (answer ?? {}) as { readonly code?: string };
  return [status ?? reason ?? 'no answer', code ?? ''].join(' ').trim();
}
