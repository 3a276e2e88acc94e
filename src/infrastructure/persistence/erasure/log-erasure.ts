import type { ErasureOptions } from '../../../application/ports/identity-erasure.port.js';
import { dayRange, type DateKey } from '../../../shared/utils/timezone.util.js';
import { ACTIVE_LEVEL } from '../mappers/active-count.mapper.js';
import { ACCOUNT_FOR_SESSIONS_SQL, BEGIN_ERASURE_SQL } from './erasure-statements.js';
import type { DeletedEvent, ErasureTables } from './erasure-tables.js';
import type { OwnerConnection } from './owner-connection.js';

const MAX_INSTALLS = 20;

interface ErasedDay {
  readonly events: readonly DeletedEvent[];
  readonly claims: number;
  /** True when the day has no active set, and its events accounted for it. */
  readonly isAccountedFor: boolean;
}

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
      const erased = await this.connection.transaction(() => this.eraseDay(day));
      this.count(day, erased);
      deleted += erased.events.length;
    }
    return deleted;
  }

  /** Counts what is committed: a failure of a later day must not hide it. */
  private count(day: DateKey, { events, claims, isAccountedFor }: ErasedDay): void {
    this.events += events.length;
    this.claims += claims;
    if (isAccountedFor) this.unaccountedDays.add(day);
    for (const { install_id } of events) if (this.installs.size < MAX_INSTALLS) this.installs.add(install_id);
  }

  private async eraseDay(day: DateKey): Promise<ErasedDay> {
    const { start, end } = dayRange(day);
    await this.connection.execute(BEGIN_ERASURE_SQL);
    const events = await this.tables.deleteEvents([start.toISOString(), end.toISOString()]);
    if (events.length === 0) return { events, claims: 0, isAccountedFor: false };
    const claims = await this.tables.deleteClaims(events.map(({ event_id }) => event_id));
    const sessions = events.filter(({ is_session }) => is_session);
    const isAccountedFor = sessions.length > 0 && !this.setDays.has(day);
    if (isAccountedFor) await this.accountFor(day, sessions);
    return { events, claims, isAccountedFor };
  }

  /** Accounts for a day without an active set, whose places only its events know. */
  private async accountFor(day: DateKey, sessions: readonly DeletedEvent[]): Promise<void> {
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
