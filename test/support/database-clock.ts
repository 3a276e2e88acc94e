import type { OwnerDatabase } from './owner-database.js';

/** The clock of one test database, which a test sets. A service without Redis takes its time from there. */
export class DatabaseClock {
  private constructor(
    private readonly stored: OwnerDatabase,
    private shiftMs: number,
  ) {}

  /** Replaces the function that tells the time, in this database alone. */
  static async install(stored: OwnerDatabase, shiftMs: number): Promise<DatabaseClock> {
    await stored.rows('SET allow_system_table_mods = on');
    await stored.rows('CREATE TABLE public.test_clock AS SELECT $1::float8 AS shift_ms', [shiftMs]);
    await stored.rows('GRANT SELECT ON public.test_clock TO PUBLIC');
    await stored.rows('ALTER FUNCTION pg_catalog.clock_timestamp() RENAME TO true_clock_timestamp');
    await stored.rows(`
      CREATE FUNCTION pg_catalog.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE AS $$
        SELECT pg_catalog.true_clock_timestamp() + make_interval(secs => shift_ms / 1000) FROM public.test_clock
      $$`);
    return new DatabaseClock(stored, shiftMs);
  }

  /** Unix milliseconds. */
  nowMs(): number {
    return Date.now() + this.shiftMs;
  }

  /** Sets the clock forward. The service follows with its next measurement, ten seconds later at most. */
  async advance(milliseconds: number): Promise<void> {
    this.shiftMs += milliseconds;
    await this.stored.rows('UPDATE public.test_clock SET shift_ms = $1', [this.shiftMs]);
  }
}
