import type { ErrorCode } from '../../shared/exceptions/error-catalogue.js';

/** Errors of every route that requires a user's token. */
export const TOKEN_PROBLEMS: readonly ErrorCode[] = ['token_expired', 'token_missing', 'token_invalid'];

const DATABASE_READ_PROBLEMS: readonly ErrorCode[] = [
  'rate_limited',
  'database_unavailable',
  'database_too_slow',
  'answer_too_slow',
];

/** Errors of the routes that read figures from the database for an admin. */
export const ADMIN_READ_PROBLEMS: readonly ErrorCode[] = [
  ...TOKEN_PROBLEMS,
  'role_missing',
  ...DATABASE_READ_PROBLEMS,
];

/** Errors of the routes that read figures from the database for other services. */
export const INTERNAL_READ_PROBLEMS: readonly ErrorCode[] = [
  'internal_key_invalid',
  ...DATABASE_READ_PROBLEMS,
];
