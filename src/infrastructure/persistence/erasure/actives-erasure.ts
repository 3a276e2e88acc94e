import type { DateKey } from '../../../shared/utils/timezone.util.js';
import { lockBuilds } from '../actives/builds-lock.js';
import { BUILDS_SQL, LIMIT_WAIT_SQL } from './erasure-statements.js';
import type { ErasureTables } from './erasure-tables.js';
import type { OwnerConnection } from './owner-connection.js';

/** Partitions that one statement looks into; each takes locks until it ends. */
const DAYS_A_LOOKUP = 64;

interface Renamed {
  readonly days: readonly DateKey[];
  readonly wasInDictionary: boolean;
}

/** Takes a name out of the active sets and the dictionary. The sets keep their sizes, and the id keeps its bits. */
export class ActivesErasure {
  /** Days whose set had the name. */
  readonly days = new Set<DateKey>();
  wasInDictionary = false;

  constructor(
    private readonly connection: OwnerConnection,
    private readonly tables: ErasureTables,
    private readonly waitForBuildsMs: number,
    private readonly signal: AbortSignal,
  ) {}

  /**
   * Changes all sets and the dictionary in one transaction, beside which nothing is built: a build would number the
   * name or move its first day. A part of the days would be another person, so an abort changes nothing.
   *
   * @throws ApplicationException `builds_busy`
   */
  async erase(setDays: readonly DateKey[]): Promise<void> {
    try {
      const { days, wasInDictionary } = await this.renameBesideNoBuild(setDays);
      for (const day of days) this.days.add(day);
      this.wasInDictionary ||= wasInDictionary;
    } catch (error) {
      if (!this.signal.aborted || error !== this.signal.reason) throw error;
    }
  }

  /**
   * Looks into all sets before the transaction, which would keep the locks of each. Inside it looks again only at days
   * that a build has read since: a name that arrives without a build arrives after this erasure.
   */
  private async renameBesideNoBuild(setDays: readonly DateKey[]): Promise<Renamed> {
    const { connection, tables } = this;
    const before = await this.readBuilds();
    const found = await this.findDays(setDays);
    return connection.transaction(async () => {
      await this.lockBuilds();
      const builds = [...(await this.readBuilds())];
      const built = builds.filter(([day, version]) => before.get(day) !== version).map(([day]) => day);
      const missed = built.length === 0 ? [] : await tables.findActiveDays(built);
      return this.rename([...new Set([...found, ...missed])].sort());
    });
  }

  private async readBuilds(): Promise<Map<DateKey, string>> {
    const rows = await this.connection.rows<{ day: DateKey; version: string }>(BUILDS_SQL);
    return new Map(rows.map(({ day, version }) => [day, version]));
  }

  private async lockBuilds(): Promise<void> {
    const { connection, waitForBuildsMs } = this;
    await connection.rows(LIMIT_WAIT_SQL, `${waitForBuildsMs}ms`);
    await lockBuilds(
      (sql) => connection.rows<{ pid: number }>(sql),
      (pid) => describeWait(waitForBuildsMs, pid),
    );
  }

  /** Leaves the youngest day to the end: flushes write to its set, and one with the same name waits. */
  private async rename(days: readonly DateKey[]): Promise<Renamed> {
    const { tables } = this;
    // A build looks only for names that a set has.
    if (days.length === 0) return { days, wasInDictionary: await tables.removeFromDictionary() };
    const nameless = await tables.makeNameless();
    const wasInDictionary = await tables.renameInDictionary(nameless);
    for (const day of days) {
      this.signal.throwIfAborted();
      await tables.anonymizeDay(day, nameless);
    }
    return { days, wasInDictionary };
  }

  private async findDays(setDays: readonly DateKey[]): Promise<DateKey[]> {
    const found: DateKey[] = [];
    for (let from = 0; from < setDays.length; from += DAYS_A_LOOKUP) {
      this.signal.throwIfAborted();
      found.push(...(await this.tables.findActiveDays(setDays.slice(from, from + DAYS_A_LOOKUP))));
    }
    return found;
  }
}

function describeWait(waitedMs: number, pid: number | null): string {
  const by = pid === null ? '' : ` by process ${pid} of the database server`;
  const end = pid === null ? '' : `; if it does not end, SELECT pg_terminate_backend(${pid}) ends it`;
  return (
    `The active users are being counted${by}, which an erasure waits for ${waitedMs / 1000} s at most: ` +
    `run the same command again when the count has ended${end}, and the next rollup repeats it`
  );
}
