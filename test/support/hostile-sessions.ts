import type { TestDatabase } from './database.js';
import { openSql } from './sql.js';

/** Settings of a database that change what a session reads, writes and may do. */
export const HOSTILE_SETTINGS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'in Shanghai with a German date style': {
    TimeZone: 'Asia/Shanghai',
    DateStyle: 'German',
    IntervalStyle: 'sql_standard',
    search_path: 'hostile',
    default_transaction_isolation: 'serializable',
  },
  'in New York with short limits': {
    TimeZone: 'America/New_York',
    DateStyle: 'SQL, DMY',
    IntervalStyle: 'iso_8601',
    extra_float_digits: '-15',
    bytea_output: 'escape',
    array_nulls: 'off',
    standard_conforming_strings: 'off',
    default_transaction_isolation: 'repeatable read',
    // A statement of a pooled session begins under these limits.
    statement_timeout: '150ms',
    lock_timeout: '20ms',
    idle_in_transaction_session_timeout: '150ms',
    idle_session_timeout: '150ms',
    transaction_timeout: '150ms',
    exit_on_error: 'on',
    enable_partition_pruning: 'off',
    plan_cache_mode: 'force_generic_plan',
  },
};

/** Makes the settings for every new session, and a schema whose tables look like those of the service. */
export async function makeHostile(
  { name, ownerUrl }: TestDatabase,
  settings: Readonly<Record<string, string>>,
): Promise<void> {
  const sql = await openSql(ownerUrl);
  await sql.rows('CREATE SCHEMA hostile');
  await sql.rows('GRANT USAGE ON SCHEMA hostile TO PUBLIC');
  for (const table of ['analytics_event_log', 'analytics_online_snapshots', 'analytics_daily_active_users'])
    await sql.rows(`CREATE TABLE hostile.${table} (LIKE public.${table} INCLUDING ALL)`);
  const known = await sql.rows<{ name: string }>('SELECT lower(name) AS name FROM pg_settings');
  for (const [setting, value] of Object.entries(settings)) {
    // An older server lacks some.
    if (!known.some(({ name: each }) => each === setting.toLowerCase())) continue;
    const literal = setting === 'DateStyle' ? value : `'${value}'`;
    await sql.rows(`ALTER DATABASE ${name} SET ${setting} = ${literal}`);
  }
  await sql.close();
}
