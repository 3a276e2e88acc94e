import { BUCKETS, bucketOf } from '../../src/infrastructure/persistence/citus/buckets.js';
import type { EventLog } from '../../src/domain/entities/event-log.entity.js';
import type { Sql } from '../../test/support/sql.js';

export interface BucketBalance {
  readonly bucket: number;
  readonly acknowledged: number;
  /** Acknowledged events that are not stored. */
  readonly lost: number;
  /** Events that are stored more than once, in whichever bucket. */
  readonly twice: number;
  /** Sessions of the log without a message, and messages without a session. */
  readonly unsent: number;
  /** Identities of the log that the active set lacks, and the other way about. */
  readonly drift: number;
}

/** Keeps which events were acknowledged, by bucket, and compares them with what the cluster has. */
export class Ledger {
  private readonly acknowledged = new Map<number, Set<string>>(BUCKETS.map((bucket) => [bucket, new Set()]));

  acknowledge(events: readonly EventLog[]): void {
    for (const { eventId, dauIdentifier } of events)
      this.acknowledged.get(bucketOf(dauIdentifier))?.add(eventId.value);
  }

  get count(): number {
    return [...this.acknowledged.values()].reduce((sum, { size }) => sum + size, 0);
  }

  copy(): Ledger {
    const copy = new Ledger();
    for (const [bucket, events] of this.acknowledged) copy.acknowledged.set(bucket, new Set(events));
    return copy;
  }

  /** Counts the acknowledged events that are stored. */
  async countStored(owner: Sql): Promise<number> {
    const ids = [...this.acknowledged.values()].flatMap((events) => [...events]);
    return Number(
      await owner.value('SELECT count(*) FROM analytics_event_log WHERE event_id = ANY ($1::uuid[])', [ids]),
    );
  }

  /** Every event of the load is a session. */
  async compare(owner: Sql): Promise<BucketBalance[]> {
    const balances: BucketBalance[] = [];
    for (const [bucket, acknowledged] of this.acknowledged) {
      const log = await owner.rows<{ id: string; identity: string }>(
        `SELECT event_id::text AS id, 'u:' || user_id AS identity FROM analytics_event_log WHERE bucket = $1::smallint`,
        [bucket],
      );
      const stored = log.map(({ id }) => id);
      const known = new Set(stored);
      balances.push({
        bucket,
        acknowledged: acknowledged.size,
        lost: [...acknowledged].filter((id) => !known.has(id)).length,
        twice: stored.length - known.size,
        unsent: differences(
          stored,
          await read(owner, 'SELECT id::text FROM analytics_outbox WHERE lane = $1::smallint', bucket),
        ),
        drift: differences(
          log.map(({ identity }) => identity),
          await read(
            owner,
            'SELECT identity AS id FROM analytics_daily_actives WHERE bucket = $1::smallint AND level = 0',
            bucket,
          ),
        ),
      });
    }
    return balances;
  }
}

export const isClean = ({ lost, twice, unsent, drift }: BucketBalance): boolean =>
  lost + twice + unsent + drift === 0;

async function read(owner: Sql, sql: string, bucket: number): Promise<string[]> {
  return (await owner.rows<{ id: string }>(sql, [bucket])).map(({ id }) => id);
}

function differences(some: readonly string[], others: readonly string[]): number {
  const [a, b] = [new Set(some), new Set(others)];
  return [...a].filter((each) => !b.has(each)).length + [...b].filter((each) => !a.has(each)).length;
}
