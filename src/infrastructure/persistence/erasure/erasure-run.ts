import type {
  ErasedRows,
  ErasureOptions,
  ErasureSubject,
} from '../../../application/ports/identity-erasure.port.js';
import type { DateKey } from '../../../shared/utils/timezone.util.js';
import { ActivesErasure } from './actives-erasure.js';
import { DAYS_SQL, DROPPED_DAYS_SQL } from './erasure-statements.js';
import type { OpenErasureTables } from './erasure-tables.js';
import { LogErasure } from './log-erasure.js';
import type { OwnerConnection } from './owner-connection.js';

/** A user who is active meanwhile appears anew; each further pass takes what the one before it has missed. */
const MAX_PASSES = 3;
/** Devices reach the youngest days only, and some days lie ahead. */
const DAYS_OF_FURTHER_PASSES = 45;

/** One erasure, which counts what is committed also when it fails. */
export class ErasureRun {
  private actives: ActivesErasure | null = null;
  private log: LogErasure | null = null;
  private messages = 0;

  constructor(
    private readonly subject: ErasureSubject,
    private readonly options: ErasureOptions,
    private readonly waitForBuildsMs: number,
  ) {}

  async erase(connection: OwnerConnection, openTables: OpenErasureTables): Promise<void> {
    const { subject, options, waitForBuildsMs } = this;
    const setDays = await daysOf(connection, 'analytics_daily_actives');
    const logDays = await daysOf(connection, 'analytics_event_log');
    const tables = openTables(connection, subject);
    const actives = (this.actives = new ActivesErasure(
      ...([connection, tables, waitForBuildsMs, options.signal] as const),
    ));
    const dropped = new Set(
      (await connection.rows<{ day: DateKey }>(DROPPED_DAYS_SQL)).map(({ day }) => day),
    );
    const wholeSets = new Set(setDays.filter((day) => !dropped.has(day)));
    const log = (this.log = new LogErasure(connection, tables, wholeSets));
    for (let pass = 1; pass <= MAX_PASSES && !options.signal.aborted; pass++) {
      await actives.erase(setDays);
      const days = pass === 1 ? logDays : logDays.slice(-DAYS_OF_FURTHER_PASSES);
      if ((await log.erase(days, options)) === 0) break;
    }
    this.messages = await tables.deleteMessages();
  }

  /** False while nothing can have been erased. */
  get hasBegun(): boolean {
    return this.log !== null;
  }

  erased(failure: Error | null): ErasedRows {
    const { actives, log, subject } = this;
    return {
      events: log?.events ?? 0,
      activeDays: new Set([...(actives?.days ?? []), ...(log?.unaccountedDays ?? [])]).size,
      claims: log?.claims ?? 0,
      messages: this.messages,
      wasInDictionary: actives?.wasInDictionary === true,
      installs: subject.kind === 'user' ? [...(log?.installs ?? [])] : [],
      isInterrupted: this.options.signal.aborted,
      failure,
    };
  }
}

async function daysOf(connection: OwnerConnection, table: string): Promise<DateKey[]> {
  return (await connection.rows<{ day: DateKey }>(DAYS_SQL, table)).map(({ day }) => day);
}
