import { Command } from '@nestjs/cqrs';
import type { RetainedData } from '../../ports/event-retention.port.js';

/**
 * Why a day is kept although it is past its limit.
 *
 * - `marked`: it gained active users that no calculation has seen
 * - `not_calculated`: it has active users and no stored figures
 * - `not_final`: its stored figures are from before it was over
 * - `changed_lately`: its figures were calculated within the last seven days
 * - `drift`: its audit found differences
 * - `busy`: others used its table at every attempt
 * - `changed`: its figures changed while it was being dropped
 */
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
}

export interface RetentionReport {
  /** Days that were dropped; in a dry run, that would be dropped if their audits find no drift. */
  readonly dropped: readonly DroppedDay[];
  /** Days past their limit that stay. */
  readonly kept: readonly KeptDay[];
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
