import { ApplicationException } from '../../../shared/exceptions/application.exception.js';
import type { DateKey } from '../../../shared/utils/timezone.util.js';
import { BUILDS_LOCK_HOLDER_SQL, LOCK_BUILDS_SQL } from '../actives/builds-lock.js';
import { sqlStateOf } from '../prisma/database-errors.js';
import { ACTIVE_DAYS_SQL, LIMIT_WAIT_SQL } from './erasure-statements.js';
import type { ErasureTables } from './erasure-tables.js';
import type { OwnerConnection } from './owner-connection.js';

/** Partitions that one statement looks into; each takes locks. */
const DAYS_A_LOOKUP = 64;
const LOCK_NOT_AVAILABLE = '55P03';

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
    private readonly identity: string,
    private readonly waitForBuildsMs: number,
  ) {}

  /**
   * Changes all sets and the dictionary in one transaction, beside which nothing is built: a build would number the
   * name or move its first day, and a part of the days under another name would be another person.
   *
   * @throws ApplicationException `builds_busy`
   */
  async erase(setDays: readonly DateKey[]): Promise<void> {
    const { days, wasInDictionary } = await this.connection.transaction(async () => {
      await this.lockBuilds();
      return this.rename(await this.findDays(setDays));
    });
    for (const day of days) this.days.add(day);
    this.wasInDictionary ||= wasInDictionary;
  }

  private async lockBuilds(): Promise<void> {
    const { connection, waitForBuildsMs } = this;
    await connection.rows(LIMIT_WAIT_SQL, `${waitForBuildsMs}ms`);
    try {
      await connection.rows(LOCK_BUILDS_SQL);
    } catch (error) {
      if (sqlStateOf(error) !== LOCK_NOT_AVAILABLE) throw error;
      await connection.rows('ROLLBACK');
      const [holder] = await connection.rows<{ pid: number }>(BUILDS_LOCK_HOLDER_SQL);
      throw buildsBusy(waitForBuildsMs, holder?.pid ?? null, error);
    }
  }

  /** Leaves the youngest day to the end: flushes write to its set, and one with the same name waits. */
  private async rename(days: readonly DateKey[]): Promise<Renamed> {
    const { tables } = this;
    // A build looks only for names that a set has.
    if (days.length === 0) return { days, wasInDictionary: await tables.removeFromDictionary() };
    const nameless = await tables.makeNameless();
    const wasInDictionary = await tables.renameInDictionary(nameless);
    for (const day of days) await tables.anonymizeDay(day, nameless);
    return { days, wasInDictionary };
  }

  private async findDays(setDays: readonly DateKey[]): Promise<DateKey[]> {
    const found: DateKey[] = [];
    for (let from = 0; from < setDays.length; from += DAYS_A_LOOKUP) {
      const days = setDays.slice(from, from + DAYS_A_LOOKUP);
      const rows = await this.connection.rows<{ day: DateKey }>(ACTIVE_DAYS_SQL, days, this.identity);
      found.push(...rows.map(({ day }) => day));
    }
    return found;
  }
}

function buildsBusy(waitedMs: number, pid: number | null, cause: unknown): ApplicationException {
  const by = pid === null ? '' : ` by process ${pid} of the database server`;
  const end = pid === null ? '' : `; if it does not end, SELECT pg_terminate_backend(${pid}) ends it`;
  return new ApplicationException('builds_busy', {
    detail:
      `The active users are being counted${by}, which an erasure waits for ${waitedMs / 1000} s at most: ` +
      `run the same command again when the count has ended${end}, and the next rollup repeats it`,
    cause,
  });
}
