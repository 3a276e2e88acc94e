/** Conditions of a replay; a condition that is null holds for every dead letter. */
export interface DeadLetterSelection {
  readonly reason: string | null;
  /** Selects dead letters that failed at `since` or later, and before `until`. */
  readonly since: Date | null;
  readonly until: Date | null;
  /** Lists sources in the form of {@link DeadLetter.source}. */
  readonly sources: readonly string[] | null;
  /** Limits the number of replayed dead letters. */
  readonly limit: number | null;
}

export interface DeadLetter {
  /** Place of the message, as `partition:offset` of the topic that it was published to. */
  readonly source: string;
  readonly partition: number;
  readonly reason: string;
  readonly detail: string;
  readonly failedAt: Date;
  readonly key: string | null;
}

/** Reason to leave a record alone: another topic, missing headers, or a partition that no longer exists. */
export type Misfit = 'foreign' | 'incomplete' | 'misplaced';

export interface ReplayProgress {
  readonly read: number;
  /** Number of records by offset; fewer exist when the broker has removed some. */
  readonly total: number;
  readonly replayed: number;
}

export interface ReplayOptions {
  /** Selects and counts, but sends nothing. */
  readonly dryRun: boolean;
  /** Ends the replay after the records that are being sent. */
  readonly signal: AbortSignal;
  /** Receives each dead letter before it is replayed. */
  readonly onSelected?: (letter: DeadLetter) => void;
  readonly onProgress?: (progress: ReplayProgress) => void;
}

export interface ReplayOutcome {
  /** Topic that the dead letters return to. */
  readonly topic: string;
  readonly deadLetterTopic: string;
  readonly ended: 'complete' | 'limit' | 'interrupted';
  readonly read: number;
  /** Number of replayed dead letters; in a dry run the number of selected ones. */
  readonly replayed: number;
  readonly byReason: ReadonlyMap<string, number>;
  /** Number of dead letters that met all conditions and share the source of a replayed one. */
  readonly repeated: number;
  readonly leftAlone: Readonly<Record<Misfit, number>>;
  /** Requested sources of which nothing was replayed. */
  readonly missing: readonly string[];
}

/** Failure of the message broker during a replay; the message says how many dead letters were replayed before. */
export class DeadLetterReplayError extends Error {
  override readonly name = 'DeadLetterReplayError';
}

/** Gives access to the messages that could never be handled. */
export interface IDeadLetters {
  /**
   * Returns the selected dead letters to the partitions they came from, each source once.
   * Reads all dead letters that exist at the start and stores nothing about a run.
   *
   * @throws DeadLetterReplayError when the message broker fails
   */
  replay(selection: DeadLetterSelection, options: ReplayOptions): Promise<ReplayOutcome>;
}

export const DEAD_LETTERS = Symbol('IDeadLetters');
