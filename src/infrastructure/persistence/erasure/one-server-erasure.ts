import type { ErasureSubject } from '../../../application/ports/identity-erasure.port.js';
import type { DateKey } from '../../../shared/utils/timezone.util.js';
import {
  ACTIVE_DAYS_SQL,
  ANONYMIZE_DAY_SQL,
  DELETE_CLAIMS_SQL,
  DELETE_EVENTS_SQL,
  DELETE_MESSAGES_SQL,
  NAMELESS_OF_BUCKET_SQL,
  REMOVE_FROM_DICTIONARY_SQL,
  RENAME_IN_DICTIONARY_SQL,
} from './erasure-statements.js';
import type { DayBounds, DeletedEvent, ErasureTables } from './erasure-tables.js';
import type { OwnerConnection } from './owner-connection.js';

export class OneServerErasure implements ErasureTables {
  constructor(
    private readonly connection: OwnerConnection,
    private readonly subject: ErasureSubject,
  ) {}

  async findActiveDays(days: readonly DateKey[]): Promise<DateKey[]> {
    const { connection, subject } = this;
    const rows = await connection.rows<{ day: DateKey }>(ACTIVE_DAYS_SQL, days, subject.identity);
    return rows.map(({ day }) => day);
  }

  async makeNameless(): Promise<string> {
    const [made] = await this.connection.rows<{ nameless: string }>(
      NAMELESS_OF_BUCKET_SQL,
      this.subject.identity,
    );
    return made?.nameless as string;
  }

  async renameInDictionary(nameless: string): Promise<boolean> {
    return (await this.connection.execute(RENAME_IN_DICTIONARY_SQL, this.subject.identity, nameless)) === 1;
  }

  async removeFromDictionary(): Promise<boolean> {
    const [row] = await this.connection.rows<{ removed: number }>(
      REMOVE_FROM_DICTIONARY_SQL,
      this.subject.identity,
    );
    return row?.removed === 1;
  }

  async anonymizeDay(day: DateKey, nameless: string): Promise<void> {
    await this.connection.rows(ANONYMIZE_DAY_SQL, day, this.subject.identity, nameless);
  }

  async deleteEvents(day: DayBounds): Promise<DeletedEvent[]> {
    return this.connection.rows<DeletedEvent>(DELETE_EVENTS_SQL[this.subject.kind], ...day, this.subject.id);
  }

  async deleteClaims(eventIds: readonly string[]): Promise<number> {
    return this.connection.execute(DELETE_CLAIMS_SQL, eventIds);
  }

  async deleteMessages(): Promise<number> {
    return this.connection.execute(DELETE_MESSAGES_SQL, this.subject.identity);
  }
}
