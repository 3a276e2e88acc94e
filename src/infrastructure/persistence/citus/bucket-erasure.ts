import type { ErasureSubject } from '../../../application/ports/identity-erasure.port.js';
import type { DateKey } from '../../../shared/utils/timezone.util.js';
import { NAMELESS_SQL } from '../erasure/erasure-statements.js';
import type { DayBounds, DeletedEvent, ErasureTables } from '../erasure/erasure-tables.js';
import type { OwnerConnection } from '../erasure/owner-connection.js';
import {
  ACCOUNT_FOR_ACTIVES_SQL,
  ACCOUNT_FOR_NEW_SQL,
  ACTIVE_DAYS_OF_BUCKET_SQL,
  DELETE_BUCKET_CLAIMS_SQL,
  DELETE_BUCKET_EVENTS_SQL,
  DELETE_LANE_SQL,
  PLACES_SQL,
  REMOVE_BUCKET_IDENTITY_SQL,
  RENAME_ACTIVES_SQL,
  RENAME_BUCKET_IDENTITY_SQL,
} from './bucket-erasure-statements.js';
import { bucketOf } from './buckets.js';

interface Place {
  readonly level: number;
  readonly place: string;
}

/** Erases from distributed tables. All rows of an identity are in its bucket, and stay there without a name. */
export class BucketErasure implements ErasureTables {
  private readonly bucket: number;

  constructor(
    private readonly connection: OwnerConnection,
    private readonly subject: ErasureSubject,
  ) {
    this.bucket = bucketOf(subject.identity);
  }

  async findActiveDays(days: readonly DateKey[]): Promise<DateKey[]> {
    const { connection, bucket, subject } = this;
    const rows = await connection.rows<{ day: DateKey }>(
      ACTIVE_DAYS_OF_BUCKET_SQL,
      ...[days, subject.identity, bucket],
    );
    return rows.map(({ day }) => day);
  }

  async makeNameless(): Promise<string> {
    const [made] = await this.connection.rows<{ nameless: string }>(NAMELESS_SQL);
    return made?.nameless as string;
  }

  async renameInDictionary(nameless: string): Promise<boolean> {
    const { connection, bucket, subject } = this;
    return (await connection.execute(RENAME_BUCKET_IDENTITY_SQL, subject.identity, bucket, nameless)) === 1;
  }

  async removeFromDictionary(): Promise<boolean> {
    const { connection, bucket, subject } = this;
    const removed = await connection.rows<{ day: number }>(
      REMOVE_BUCKET_IDENTITY_SQL,
      subject.identity,
      bucket,
    );
    for (const { day } of removed) await connection.execute(ACCOUNT_FOR_NEW_SQL, day);
    return removed.length > 0;
  }

  async anonymizeDay(day: DateKey, nameless: string): Promise<void> {
    const { connection, bucket, subject } = this;
    const named = await connection.rows<Place>(PLACES_SQL, bucket, day, subject.identity);
    const renamed = await connection.rows<Place>(
      RENAME_ACTIVES_SQL,
      ...[nameless, day, subject.identity],
      ...toColumns(named),
    );
    await connection.execute(ACCOUNT_FOR_ACTIVES_SQL, day, ...toColumns(renamed));
  }

  async deleteEvents(day: DayBounds): Promise<DeletedEvent[]> {
    const { kind, id } = this.subject;
    return this.connection.rows<DeletedEvent>(DELETE_BUCKET_EVENTS_SQL[kind], ...day, id, this.bucket);
  }

  async deleteClaims(eventIds: readonly string[]): Promise<number> {
    return this.connection.execute(DELETE_BUCKET_CLAIMS_SQL, eventIds, this.bucket);
  }

  async deleteMessages(): Promise<number> {
    return this.connection.execute(DELETE_LANE_SQL, this.bucket, this.subject.identity);
  }
}

function toColumns(places: readonly Place[]): [levels: number[], places: string[]] {
  return [places.map(({ level }) => level), places.map(({ place }) => place)];
}
