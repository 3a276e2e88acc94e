import type {
  ErasedRows,
  ErasureOptions,
  ErasureReport,
  ErasureSubject,
  IIdentityErasure,
} from '../../../application/ports/identity-erasure.port.js';
import type { DateKey } from '../../../shared/utils/timezone.util.js';
import { ActivesErasure } from './actives-erasure.js';
import { DAYS_SQL, DROPPED_DAYS_SQL, RECEIPT_SQL, STORE_REPORT_SQL } from './erasure-statements.js';
import type { OpenErasureTables } from './erasure-tables.js';
import { LogErasure } from './log-erasure.js';
import { OneServerErasure } from './one-server-erasure.js';
import { OwnerConnection } from './owner-connection.js';

/** A user who is active meanwhile appears anew; each further pass takes what the one before it has missed. */
const MAX_PASSES = 3;
/** Devices reach the youngest days only, and some days lie ahead. */
const DAYS_OF_FURTHER_PASSES = 45;

/** Erases day by day in short transactions, so that flushes and rollups go on: docs/adr/0024 gives the order. */
export class PostgresIdentityErasure implements IIdentityErasure {
  constructor(
    private readonly ownerUrl: string,
    private readonly openTables: OpenErasureTables = (connection, subject) =>
      new OneServerErasure(connection, subject),
  ) {}

  async assertAllowed(): Promise<void> {
    await OwnerConnection.use(this.ownerUrl, () => Promise.resolve());
  }

  async erase(subject: ErasureSubject, options: ErasureOptions): Promise<ErasedRows> {
    return OwnerConnection.use(this.ownerUrl, async (connection) => {
      const setDays = await daysOf(connection, 'analytics_daily_actives');
      const logDays = await daysOf(connection, 'analytics_event_log');
      const tables = this.openTables(connection, subject);
      const actives = new ActivesErasure(connection, tables, subject.identity);
      const dropped = new Set(
        (await connection.rows<{ day: DateKey }>(DROPPED_DAYS_SQL)).map(({ day }) => day),
      );
      const log = new LogErasure(connection, tables, new Set(setDays.filter((day) => !dropped.has(day))));
      for (let pass = 1; pass <= MAX_PASSES && !options.signal.aborted; pass++) {
        await actives.erase(setDays);
        const days = pass === 1 ? logDays : logDays.slice(-DAYS_OF_FURTHER_PASSES);
        if ((await log.erase(days, options)) === 0) break;
      }
      const messages = await tables.deleteMessages();
      return {
        events: log.events,
        activeDays: new Set([...actives.days, ...log.unaccountedDays]).size,
        claims: log.claims,
        messages,
        wasInDictionary: actives.wasInDictionary,
        installs: subject.kind === 'user' ? [...log.installs] : [],
        isInterrupted: options.signal.aborted,
      };
    });
  }

  async storeReport(
    { kind, identity }: ErasureSubject,
    report: Readonly<Record<string, unknown>>,
  ): Promise<ErasureReport> {
    return OwnerConnection.use(this.ownerUrl, async (connection) => {
      const [made] = await connection.rows<{ receipt: string }>(RECEIPT_SQL);
      const receipt = made?.receipt ?? '';
      const [stored] = await connection.rows<{ id: string }>(
        STORE_REPORT_SQL,
        ...[kind, receipt, identity, JSON.stringify(report)],
      );
      return { id: stored?.id ?? '', receipt };
    });
  }
}

async function daysOf(connection: OwnerConnection, table: string): Promise<DateKey[]> {
  return (await connection.rows<{ day: DateKey }>(DAYS_SQL, table)).map(({ day }) => day);
}
