import type { DateKey } from '../../../shared/utils/timezone.util.js';
import { ACTIVE_DAYS_SQL } from './erasure-statements.js';
import type { ErasureTables } from './erasure-tables.js';
import type { OwnerConnection } from './owner-connection.js';

/** Partitions that one statement looks into; each takes locks. */
const DAYS_A_LOOKUP = 64;

/** Takes a name out of the active sets and the dictionary. The sets keep their sizes, and the id keeps its bits. */
export class ActivesErasure {
  /** Days whose set had the name. */
  readonly days = new Set<DateKey>();
  wasInDictionary = false;

  constructor(
    private readonly connection: OwnerConnection,
    private readonly tables: ErasureTables,
    private readonly identity: string,
  ) {}

  async erase(setDays: readonly DateKey[]): Promise<void> {
    const days = await this.findDays(setDays);
    if (days.length > 0) {
      const nameless = await this.tables.chooseNameless();
      for (const day of days) {
        await this.tables.anonymizeDay(day, nameless);
        this.days.add(day);
      }
    }
    // Afterwards: while a set has the name, a rollup must find its id.
    if (!this.connection.hasDictionary) return;
    const wasRemoved = await this.tables.removeFromDictionary();
    this.wasInDictionary ||= wasRemoved;
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
