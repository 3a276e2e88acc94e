import type { EventLog } from '../../../domain/entities/event-log.entity.js';
import type { DateKey } from '../../../shared/utils/timezone.util.js';

/** Writes flushes: on one server by one statement, on a cluster by a function on the node of the events' bucket. */
export interface FlushStore {
  /**
   * Claims the ids of events with a corrected clock for their event times; the first claim of an id stays.
   * It is committed when the promise resolves: docs/adr/0014 gives the reason.
   */
  claim(events: readonly EventLog[]): Promise<void>;
  prepare(events: readonly EventLog[]): FlushStatement;
}

/** Holds the ordinal of an event that was not stored, with its claim if it has another, or a day that was marked. */
export interface FlushRow {
  readonly ordinal: number | null;
  /** Unix milliseconds */
  readonly claimedTime: number | null;
  readonly claimedFrom: number | null;
  readonly marked: DateKey | null;
}

/** An event that is to be stored at the time for which its id is claimed. */
export interface ClaimedEvent {
  /** Position, from 0, in the flush. */
  readonly position: number;
  readonly eventTime: Date;
  readonly clientTime: Date;
}

export interface FlushResult {
  /** Positions, from 0, of the events that were stored before. */
  readonly duplicates: readonly number[];
  /** Events that were not stored, because another copy claimed their ids. */
  readonly claimed: readonly ClaimedEvent[];
  readonly markedDays: readonly DateKey[];
}

/** One flush, mapped once and sent as often as a retry needs. */
export interface FlushStatement {
  /** Days of the session starts among the events. */
  readonly sessionDays: ReadonlySet<DateKey>;
  /** @param daysToMark days that get a mark if they gain actives */
  execute(daysToMark: readonly DateKey[]): Promise<FlushResult>;
}

/** Reads the rows that a flush returns. */
export function toFlushResult(rows: readonly FlushRow[]): FlushResult {
  const duplicates: number[] = [];
  const claimed: ClaimedEvent[] = [];
  const markedDays: DateKey[] = [];
  for (const { ordinal, claimedTime, claimedFrom, marked } of rows) {
    if (marked !== null) markedDays.push(marked);
    if (ordinal === null) continue;
    const position = ordinal - 1;
    if (claimedTime === null || claimedFrom === null) duplicates.push(position);
    else claimed.push({ position, eventTime: new Date(claimedTime), clientTime: new Date(claimedFrom) });
  }
  return { duplicates, claimed, markedDays };
}
