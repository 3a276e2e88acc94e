import pg from 'pg';

// What Prisma's adapter and the driver below it throw, seen by trying: a refused or broken connection, a password,
// each kind of timeout, a server that is frozen, shutting down or not yet migrated.

/** SQLSTATE classes and codes that say nothing about the statement: it may succeed when sent again. */
const PASSING_STATES = [
  '08', // connection exception
  '25006', // read-only: a replica before its promotion
  '25P03', // a transaction was idle for too long
  '28', // the credentials are refused: an operator's to mend
  '3D000', // no such database, yet
  '42501', // rights are missing: likewise
  '40001', // serialization failure
  '40P01', // deadlock
  '3F000', // no such schema, nor
  '42703', // column, nor
  '42883', // function, nor
  '42P01', // table: migrations have not run yet
  '55000', // not accepting connections
  '53', // insufficient resources
  '55P03', // a lock was not to be had in time
  '57', // cancelled, or the server shuts down
];
const CONNECTION_KINDS = new Set([
  'DatabaseNotReachable',
  'ConnectionClosed',
  'SocketTimeout',
  'TlsConnectionError',
]);
const CONNECTION_CODES = new Set([
  'P1001',
  'P1002',
  'P1008',
  'P1017',
  'P2024',
  'P2028',
  // Node's own, as the driver passes them on.
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EADDRNOTAVAIL',
]);
const TLS_CODES = /^ERR_(TLS|SSL)_|CERT|^UNABLE_TO_(GET|VERIFY)_/;
// The driver's own errors carry no code.
const CONNECTION_MESSAGES =
  /Query read timeout|timeout exceeded when trying to connect|Connection terminated|connection error and is not queryable|Client was closed|pool after calling end|does not support SSL|error establishing an SSL/;

/** The SQLSTATE the server answered with, if it answered: to Prisma, or to the driver. */
export function sqlStateOf(error: unknown): string | undefined {
  if (error instanceof pg.DatabaseError) return error.code;
  const cause = causeOf(error);
  return typeof cause?.['originalCode'] === 'string' ? cause['originalCode'] : undefined;
}

/** True when the database could not be asked or could not answer, rather than refused what it was asked. */
export function isUnavailable(error: unknown): boolean {
  const state = sqlStateOf(error);
  if (state !== undefined) return PASSING_STATES.some((prefix) => state.startsWith(prefix));
  const [kind, code, message] = [causeOf(error)?.['kind'], field(error, 'code'), field(error, 'message')];
  return (
    (typeof kind === 'string' && CONNECTION_KINDS.has(kind)) ||
    (typeof code === 'string' && (CONNECTION_CODES.has(code) || TLS_CODES.test(code))) ||
    (typeof message === 'string' && CONNECTION_MESSAGES.test(message))
  );
}

function causeOf(error: unknown): Record<string, unknown> | undefined {
  const meta = field(error, 'meta');
  const cause = field(field(meta, 'driverAdapterError'), 'cause') ?? field(error, 'cause');
  return isRecord(cause) ? cause : undefined;
}

function field(value: unknown, name: string): unknown {
  return isRecord(value) ? value[name] : undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
