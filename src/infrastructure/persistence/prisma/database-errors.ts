import pg from 'pg';

// Experiments produced these errors of Prisma's adapter and the driver: broken and refused connections, passwords,
// each kind of timeout, and servers that are frozen, shutting down or not migrated.

/** SQLSTATE classes and codes that do not blame the statement: the same statement may succeed later. */
const UNAVAILABLE_STATES = [
  '08', // connection exception
  '25006', // read-only transaction: a standby before its promotion
  '25P03', // idle-in-transaction timeout
  '28', // refused credentials: an operator corrects them
  '3D000', // undefined database: it is not created yet
  '42501', // insufficient privilege: an operator grants it
  '40001', // serialization failure
  '40P01', // deadlock
  '3F000', // undefined schema: migrations have not run yet
  '42703', // undefined column: likewise
  '42883', // undefined function: likewise
  '42P01', // undefined table: likewise
  '55000', // database that accepts no connections
  '53', // insufficient resources
  '55P03', // lock timeout
  '57', // operator intervention: cancelled, or the server shuts down
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
  // Codes of Node, which the driver passes on.
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
// Errors of the driver itself carry no code.
const CONNECTION_MESSAGES =
  /Query read timeout|No host of the database URL takes writes|timeout exceeded when trying to connect|Connection terminated|connection error and is not queryable|Client was closed|pool after calling end|does not support SSL|error establishing an SSL/;

/** Returns the SQLSTATE of the server's answer, from Prisma or the driver; undefined without an answer. */
export function sqlStateOf(error: unknown): string | undefined {
  if (error instanceof pg.DatabaseError) return error.code;
  const cause = causeOf(error);
  return typeof cause?.['originalCode'] === 'string' ? cause['originalCode'] : undefined;
}

/** True when the server ended or refused the connection, or gave no answer; false when it answered the statement. */
export function isConnectionLost(error: unknown): boolean {
  const state = sqlStateOf(error);
  return state === undefined || state.startsWith('08') || state.startsWith('57P');
}

/** True when the database did not answer or could not serve; false when it refused the statement itself. */
export function isUnavailable(error: unknown): boolean {
  const state = sqlStateOf(error);
  if (state !== undefined) return UNAVAILABLE_STATES.some((prefix) => state.startsWith(prefix));
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
