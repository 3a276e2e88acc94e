import type {
  ErasedRows,
  ErasureOptions,
  ErasureReport,
  ErasureSubject,
  IIdentityErasure,
} from '../../../application/ports/identity-erasure.port.js';
import { ErasureRun } from './erasure-run.js';
import { RECEIPT_SQL, STORE_REPORT_SQL } from './erasure-statements.js';
import type { OpenErasureTables } from './erasure-tables.js';
import { OneServerErasure } from './one-server-erasure.js';
import { OwnerConnection } from './owner-connection.js';

/** A build takes seconds for each million users of its day; flushes wait neither for it nor for this wait. */
const WAIT_FOR_BUILDS_MS = 5 * 60_000;

/** Erases the name, and then the log day by day while flushes and rollups go on: docs/adr/0024 gives the order. */
export class PostgresIdentityErasure implements IIdentityErasure {
  constructor(
    private readonly ownerUrl: string,
    private readonly openTables: OpenErasureTables = (connection, subject) =>
      new OneServerErasure(connection, subject),
    private readonly waitForBuildsMs = WAIT_FOR_BUILDS_MS,
  ) {}

  async assertAllowed(): Promise<void> {
    await OwnerConnection.use(this.ownerUrl, () => Promise.resolve());
  }

  async erase(subject: ErasureSubject, options: ErasureOptions): Promise<ErasedRows> {
    const run = new ErasureRun(subject, options, this.waitForBuildsMs);
    try {
      await OwnerConnection.use(this.ownerUrl, (connection) => run.erase(connection, this.openTables));
      return run.erased(null);
    } catch (failure) {
      if (!run.hasBegun) throw failure;
      return run.erased(failure instanceof Error ? failure : new Error(String(failure)));
    }
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
