import type { DateKey } from '../../shared/utils/timezone.util.js';

/** Kinds of data that retention drops of a day: its events in the log, and its active set. */
export const RETAINED_DATA = ['events', 'actives'] as const;
export type RetainedData = (typeof RETAINED_DATA)[number];

/** The partition of one day, with what the figures of the day say about it. */
export interface DayPartition {
  readonly day: DateKey;
  readonly bytes: number;
  /** Null for a day without stored figures. */
  readonly figures: { readonly version: number; readonly calculatedAt: Date } | null;
  /** True when the day gained actives that no calculation has seen. */
  readonly isMarked: boolean;
}

/** `busy`: its readers did not end in time. `changed`: its figures are not those of the given version any more. */
export type DropOutcome = 'dropped' | 'absent' | 'busy' | 'changed';

/** Drops whole days from the event log and from the active sets. */
export interface IEventRetention {
  /** Returns the partitions of days before `before`, oldest first. */
  listDays(data: RetainedData, before: DateKey): Promise<DayPartition[]>;

  /** Counts the rows of a day, at a cost that grows with them. */
  countRows(data: RetainedData, day: DateKey): Promise<number>;

  /**
   * Drops a day whose figures are stored, final and of this version; null for a day without actives.
   * Holds up flushes for a fraction of a second at most, and then reports `busy`.
   */
  drop(data: RetainedData, day: DateKey, figuresVersion: number | null): Promise<DropOutcome>;
}

export const EVENT_RETENTION = Symbol('IEventRetention');
