import type pg from 'pg';
import { ApplicationException } from '../../../shared/exceptions/application.exception.js';
import { openConnection } from '../prisma/database-client.js';
import { translateDatabaseErrors } from '../prisma/database-error-translation.js';
import { parseDatabaseUrl } from '../prisma/database-url.js';
import { OWNERSHIP_SQL } from './erasure-statements.js';

/** A day's log may take minutes to search. */
const LIMITS = { connectTimeoutMs: 5000, statementTimeoutMs: 0, answerWithinMs: 0 };

interface Ownership {
  readonly role: string;
  readonly is_owner: boolean;
  readonly is_migrated: boolean;
}

/** A connection with the rights of the owner of the tables. */
export class OwnerConnection {
  private constructor(private readonly client: pg.Client) {}

  /** @throws ApplicationException `owner_required`, `database_unavailable` */
  static async use<T>(url: string, work: (connection: OwnerConnection) => Promise<T>): Promise<T> {
    return translateDatabaseErrors(async () => {
      const client = await openConnection(parseDatabaseUrl(url), LIMITS);
      try {
        const [ownership] = (await client.query<Ownership>(OWNERSHIP_SQL)).rows;
        assertOwner(ownership as Ownership);
        return await work(new OwnerConnection(client));
      } finally {
        await client.end();
      }
    });
  }

  async rows<Row extends pg.QueryResultRow>(sql: string, ...values: readonly unknown[]): Promise<Row[]> {
    return (await this.client.query<Row>(sql, [...values])).rows;
  }

  /** @returns the number of rows that the statement changed */
  async execute(sql: string, ...values: readonly unknown[]): Promise<number> {
    return (await this.client.query(sql, [...values])).rowCount ?? 0;
  }

  async transaction<T>(work: () => Promise<T>): Promise<T> {
    await this.client.query('BEGIN');
    try {
      const result = await work();
      await this.client.query('COMMIT');
      return result;
    } catch (error) {
      // The first error says what went wrong; a connection that is lost cannot roll back.
      await this.client.query('ROLLBACK').catch(() => undefined);
      throw error;
    }
  }
}

function assertOwner({ role, is_owner: isOwner, is_migrated: isMigrated }: Ownership): void {
  if (!isOwner) {
    throw new ApplicationException('owner_required', {
      detail:
        `DATABASE_MIGRATION_URL must be the connection of the owner of the tables, it is that of ${JSON.stringify(role)}: ` +
        'the role of the service may not erase, so set the URL with which migrations run',
    });
  }
  if (!isMigrated) {
    throw new ApplicationException('owner_required', {
      detail:
        'The database must have the migrations of this version, it lacks some: run npm run prisma:migrate',
    });
  }
}
