/** Limits of one kind of work, as settings of its sessions; 0 means none. */
export interface SessionLimits {
  readonly statementTimeoutMs: number;
}

/** Settings of a session, in order of their names in PostgreSQL's manual. */
export type SessionSettings = readonly (readonly [name: string, value: string])[];

/**
 * Everything in a session that a statement depends on, whatever the server, database, role or URL says: docs/adr/0011.
 * Memory, costs, durability and a ban on writes stay the operator's.
 */
export function sessionSettings(schema: string, { statementTimeoutMs }: SessionLimits): SessionSettings {
  return [
    ['search_path', schema],
    // Instants, days and numbers as text.
    ['TimeZone', 'UTC'],
    ['DateStyle', 'ISO, YMD'],
    ['IntervalStyle', 'postgres'],
    ['bytea_output', 'hex'],
    ['extra_float_digits', '1'],
    ['array_nulls', 'on'],
    ['standard_conforming_strings', 'on'],
    ['transform_null_equals', 'off'],
    // Transactions.
    ['default_transaction_isolation', 'read committed'],
    ['default_transaction_deferrable', 'off'],
    // Time limits: one for each kind of work, and none from elsewhere.
    ['statement_timeout', String(statementTimeoutMs)],
    ['lock_timeout', '0'],
    ['idle_in_transaction_session_timeout', '0'],
    ['idle_session_timeout', '0'],
    ['exit_on_error', 'off'],
    // The server notices within 15 s that the machine of the service is gone, and frees its locks.
    ['tcp_keepalives_idle', '5'],
    ['tcp_keepalives_interval', '2'],
    ['tcp_keepalives_count', '5'],
    ['tcp_user_timeout', '15000'],
    // Plans: JIT compilation takes a tenth of a large rollup, and saves less.
    ['jit', 'off'],
    ['enable_partition_pruning', 'on'],
    ['plan_cache_mode', 'auto'],
  ];
}

/** Unknown to older servers, which refuse a connection that names it. */
const SINCE_17 = ['transaction_timeout', '0'] as const;

/** Returns the settings for the startup parameter `options`. */
export function toStartupOptions(settings: SessionSettings): string {
  return settings.map(([name, value]) => `-c ${name}=${value.replaceAll(/[\\ ]/g, '\\$&')}`).join(' ');
}

/** Returns statements that begin a transaction with the settings, which end with it. */
export function toTransactionStart(settings: SessionSettings, serverVersion: number): string {
  const inside = settingsOf(settings, serverVersion)
    // These act between transactions only, or name what BEGIN itself says.
    .filter(([name]) => !/^(default_transaction_|idle_session_timeout|tcp_)/.test(name))
    .map(([name, value]) => `SET LOCAL ${name} = ${literalOf(name, value)}`);
  return ['BEGIN ISOLATION LEVEL READ COMMITTED NOT DEFERRABLE', ...inside].join('; ');
}

/** Returns the statement that a direct connection needs beside its startup parameters; null for none. */
export function toLateStatement(serverVersion: number): string | null {
  return serverVersion >= 17 ? `SET ${SINCE_17[0]} = ${SINCE_17[1]}` : null;
}

function settingsOf(settings: SessionSettings, serverVersion: number): SessionSettings {
  return serverVersion >= 17 ? [...settings, SINCE_17] : settings;
}

/** Lists stay lists; a quoted `a, b` would be one name. */
function literalOf(name: string, value: string): string {
  return name === 'DateStyle' ? value : `'${value}'`;
}
