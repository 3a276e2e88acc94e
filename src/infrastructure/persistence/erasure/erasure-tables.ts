import type { ErasureSubject } from '../../../application/ports/identity-erasure.port.js';
import type { DateKey } from '../../../shared/utils/timezone.util.js';
import type { OwnerConnection } from './owner-connection.js';

/** An event that an erasure has deleted. */
export interface DeletedEvent {
  readonly event_id: string;
  readonly install_id: string;
  readonly is_session: boolean;
  readonly province: string;
  readonly city: string;
}

/** First and last moment of a day, the last one excluded, in ISO format. */
export type DayBounds = readonly [start: string, end: string];

/** The tables of a subject's events: on one server, or distributed over a cluster. */
export interface ErasureTables {
  /** @returns those of the days whose active set has the name, ascending */
  findActiveDays(days: readonly DateKey[]): Promise<DateKey[]>;

  /** Makes a name that stands for the erased one in active sets and, where it has an entry, in the dictionary. */
  makeNameless(): Promise<string>;

  /** Replaces the name in the dictionary. @returns false when it was not there */
  renameInDictionary(nameless: string): Promise<boolean>;

  /** Takes the entry out of the dictionary and accounts for it; the id keeps its bits. @returns as above */
  removeFromDictionary(): Promise<boolean>;

  /** Takes the name out of a day's active set, which keeps its size, and accounts for it. */
  anonymizeDay(day: DateKey, nameless: string): Promise<void>;

  /** Deletes the subject's events of a day, inside a transaction of the caller. */
  deleteEvents(day: DayBounds): Promise<DeletedEvent[]>;

  /** @returns the number of claims that were deleted */
  deleteClaims(eventIds: readonly string[]): Promise<number>;

  /** @returns the number of messages that were deleted */
  deleteMessages(): Promise<number>;
}

export type OpenErasureTables = (connection: OwnerConnection, subject: ErasureSubject) => ErasureTables;
