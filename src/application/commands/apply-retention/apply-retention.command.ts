import { Command } from '@nestjs/cqrs';
import type { RetainedData } from '../../ports/event-retention.port.js';

/** Names why a day past its limit stays; docs/adr/0020 has the rules, and the command's report a sentence for each. */
export type KeptReason =
  'marked' | 'not_calculated' | 'not_final' | 'changed_lately' | 'drift' | 'busy' | 'changed';

export interface RetentionItem {
  readonly data: RetainedData;
  readonly day: string;
  readonly bytes: number;
}

export interface DroppedDay extends RetentionItem {
  readonly rows: number;
}

export interface KeptDay extends RetentionItem {
  readonly reason: KeptReason;
  /** Sentences of the audit, when that is the reason. */
  readonly drift?: readonly string[];
}

export interface RetentionReport {
  /** Days that were dropped; in a dry run, that would be dropped if their audits find no drift. */
  readonly dropped: readonly DroppedDay[];
  /** Days past their limit that stay. */
  readonly kept: readonly KeptDay[];
  /** Number of partitions past their limit that the run did not come to. */
  readonly left: number;
  /** `time_limit`: more days are left for the next run. `elsewhere`: another process runs retention at this moment. */
  readonly ended: 'done' | 'time_limit' | 'interrupted' | 'elsewhere';
}

export interface RetentionOptions {
  /** Reports what a run would do, and drops nothing. */
  readonly dryRun: boolean;
  /** Ends the run after the day in progress. */
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: {
    readonly done: number;
    readonly of: number;
    readonly item: RetentionItem;
  }) => void;
}

/** Drops the days that are past their limits from the log and the active sets. Repeating it changes nothing. */
export class ApplyRetentionCommand extends Command<RetentionReport> {
  constructor(readonly options: RetentionOptions) {
    super();
  }
}
