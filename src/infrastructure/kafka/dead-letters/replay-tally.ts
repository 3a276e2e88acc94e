import type { KafkaMessage } from 'kafkajs';
import type {
  DeadLetter,
  DeadLetterSelection,
  Misfit,
  ReplayOutcome,
} from '../../../application/ports/dead-letters.port.js';

export interface Candidate {
  readonly message: KafkaMessage;
  readonly letter: DeadLetter | Misfit;
}

export interface Choice {
  readonly selected: readonly { readonly message: KafkaMessage; readonly letter: DeadLetter }[];
  readonly repeated: number;
  readonly misfits: readonly Misfit[];
  /** Number of candidates that were examined before the limit was reached. */
  readonly consumed: number;
}

type Totals = Omit<ReplayOutcome, 'topic' | 'deadLetterTopic'>;

/** Selects dead letters and counts the results of a replay. */
export class ReplayTally {
  read = 0;
  replayed = 0;
  private repeated = 0;
  private readonly byReason = new Map<string, number>();
  private readonly leftAlone: Record<Misfit, number> = { foreign: 0, incomplete: 0, misplaced: 0 };
  /** Sources that were selected. A replayed message that fails again is a dead letter a second time. */
  private readonly seen = new Set<string>();
  private readonly wanted: ReadonlySet<string> | null;

  constructor(private readonly selection: DeadLetterSelection) {
    this.wanted = selection.sources === null ? null : new Set(selection.sources);
  }

  hasReachedLimit(): boolean {
    return this.replayed >= (this.selection.limit ?? Infinity);
  }

  choose(candidates: readonly Candidate[]): Choice {
    const room = (this.selection.limit ?? Infinity) - this.replayed;
    const selected: { message: KafkaMessage; letter: DeadLetter }[] = [];
    const misfits: Misfit[] = [];
    let repeated = 0;
    let consumed = 0;
    for (const { message, letter } of candidates) {
      if (selected.length >= room) break;
      consumed++;
      if (typeof letter === 'string') misfits.push(letter);
      else if (this.meetsConditions(letter)) {
        if (this.seen.has(letter.source)) repeated++;
        else {
          this.seen.add(letter.source);
          selected.push({ message, letter });
        }
      }
    }
    return { selected, repeated, misfits, consumed };
  }

  /** Counts a choice after its dead letters were replayed. */
  count({ selected, repeated, misfits, consumed }: Choice): void {
    this.read += consumed;
    this.replayed += selected.length;
    this.repeated += repeated;
    for (const misfit of misfits) this.leftAlone[misfit]++;
    for (const { letter } of selected) {
      this.byReason.set(letter.reason, (this.byReason.get(letter.reason) ?? 0) + 1);
    }
  }

  summarize(ended: ReplayOutcome['ended']): Totals {
    const { read, replayed, byReason, repeated, leftAlone, seen } = this;
    const missing = [...(this.wanted ?? [])].filter((source) => !seen.has(source));
    return { ended, read, replayed, byReason, repeated, leftAlone, missing };
  }

  private meetsConditions({ reason, failedAt, source }: DeadLetter): boolean {
    const { reason: wantedReason, since, until } = this.selection;
    return (
      (wantedReason === null || reason === wantedReason) &&
      (since === null || failedAt >= since) &&
      (until === null || failedAt < until) &&
      (this.wanted === null || this.wanted.has(source))
    );
  }
}
