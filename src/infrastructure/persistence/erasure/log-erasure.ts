import type { ErasureOptions } from '../../../application/ports/identity-erasure.port.js';
import { dayRange, type DateKey } from '../../../shared/utils/timezone.util.js';
import { ACTIVE_LEVEL } from '../mappers/active-count.mapper.js';
import { ACCOUNT_FOR_SESSIONS_SQL, BEGIN_ERASURE_SQL } from './erasure-statements.js';
import type { DeletedEvent, ErasureTables } from './erasure-tables.js';
import type { OwnerConnection } from './owner-connection.js';

const MAX_INSTALLS = 20;

/** Deletes the events of a subject, each day in a transaction of its own. */
export class LogErasure {
  events = 0;
  claims = 0;
  readonly installs = new Set<string>();
  /** Days without an active set on which the subject was active. */
  readonly unaccountedDays = new Set<DateKey>();

  constructor(
    private readonly connection: OwnerConnection,
    private readonly tables: ErasureTables,
    private readonly setDays: ReadonlySet<DateKey>,
  ) {}

  /** @returns the number of events that were deleted in this pass */
  async erase(days: readonly DateKey[], { signal, onProgress }: ErasureOptions): Promise<number> {
    let deleted = 0;
    for (const [index, day] of days.entries()) {
      if (signal.aborted) break;
      onProgress?.(day, index, days.length);
      deleted += await this.connection.transaction(() => this.eraseDay(day));
    }
    this.events += deleted;
    return deleted;
  }

  private async eraseDay(day: DateKey): Promise<number> {
    const { start, end } = dayRange(day);
    await this.connection.execute(BEGIN_ERASURE_SQL);
    const events = await this.tables.deleteEvents([start.toISOString(), end.toISOString()]);
    if (events.length === 0) return 0;
    this.claims += await this.tables.deleteClaims(events.map(({ event_id }) => event_id));
    for (const { install_id } of events) if (this.installs.size < MAX_INSTALLS) this.installs.add(install_id);
    const sessions = events.filter(({ is_session }) => is_session);
    if (sessions.length > 0 && !this.setDays.has(day)) await this.accountFor(day, sessions);
    return events.length;
  }

  /** Accounts for a day without an active set, whose places only its events know. */
  private async accountFor(day: DateKey, sessions: readonly DeletedEvent[]): Promise<void> {
    this.unaccountedDays.add(day);
    const places = [
      { level: ACTIVE_LEVEL.total, place: '' },
      ...distinct(sessions.map(({ province }) => province)).map((place) => ({
        level: ACTIVE_LEVEL.province,
        place,
      })),
      ...distinct(sessions.map(({ city }) => city)).map((place) => ({ level: ACTIVE_LEVEL.city, place })),
    ];
    await this.connection.execute(
      ACCOUNT_FOR_SESSIONS_SQL,
      day,
      places.map(({ level }) => level),
      places.map(({ place }) => place),
    );
  }
}

function distinct(places: readonly string[]): string[] {
  return [...new Set(places)].filter((place) => place !== '');
}
