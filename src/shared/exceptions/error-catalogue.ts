import type { ErrorKind } from './error-kinds.js';

/**
 * Receiver of a code: an HTTP client, the verdict on one event or one heartbeat of a gateway, a dead letter,
 * an operator, or our own code.
 */
export type ErrorScope = 'request' | 'event' | 'heartbeat' | 'message' | 'command' | 'internal';

export interface ErrorEntry {
  readonly kind: ErrorKind;
  readonly scopes: readonly ErrorScope[];
  /** The message when the place that throws gives none; also the example in the API documentation. */
  readonly detail: string;
  /** Seconds to wait before a retry, for kind `unavailable`. */
  readonly retryAfterSeconds?: number;
}

const RETRY_UNCHANGED = 'Send the same request again later.';

/**
 * Every error code of the service. Codes are stable: clients branch on them.
 * `npm run docs:generate` makes `docs/errors.md` from this file; OpenAPI and the problem replies read it.
 */
const CATALOGUE = {
  request_malformed: {
    kind: 'invalid',
    scopes: ['request'],
    detail: 'The body is not what its Content-Type and Content-Encoding say: send valid JSON.',
  },
  request_invalid: {
    kind: 'invalid',
    scopes: ['request'],
    detail: 'startDate must be a day as YYYY-MM-DD, it is absent: write startDate=2025-01-01',
  },
  batch_invalid: {
    kind: 'invalid',
    scopes: ['request'],
    detail: 'events must be an array of 1 to 1000 events, it is an array of 1001: split the batch',
  },
  install_id_invalid: {
    kind: 'invalid',
    scopes: ['request', 'event', 'heartbeat', 'message'],
    detail:
      'installId must be a text of 8 to 128 characters, it is "1234567": send the id that the app made when it was installed',
  },
  install_id_constant: {
    kind: 'invalid',
    scopes: ['request', 'event', 'heartbeat', 'message'],
    detail:
      'installId "00000000-0000-0000-0000-000000000000" is a constant that many devices would share: send a random UUID, made once for each installation',
  },
  date_range_invalid: {
    kind: 'invalid',
    scopes: ['request'],
    detail:
      'startDate must not be later than endDate, it is "2025-01-15": swap it with endDate, which is "2025-01-10"',
  },
  time_range_invalid: {
    kind: 'invalid',
    scopes: ['request'],
    detail:
      'endTime must be at most 7 days after startTime at an interval of 1m, it is 8: ask for less at a time, or for a longer interval',
  },
  token_missing: {
    kind: 'unauthenticated',
    scopes: ['request'],
    detail: 'Send a token of the Identity service as "Authorization: Bearer …".',
  },
  token_expired: {
    kind: 'unauthenticated',
    scopes: ['request'],
    detail: 'The token has expired. Refresh it and send the same request again.',
  },
  token_invalid: {
    kind: 'unauthenticated',
    scopes: ['request'],
    detail: 'The token is not valid here. Get a new one and send the same request again.',
  },
  internal_key_invalid: {
    kind: 'unauthenticated',
    scopes: ['request'],
    detail: 'Send the key of the internal API as "X-Internal-Api-Key".',
  },
  role_missing: {
    kind: 'forbidden',
    scopes: ['request'],
    detail: 'The token lacks a role that may read these figures.',
  },
  route_not_found: {
    kind: 'not-found',
    scopes: ['request'],
    detail: 'There is no such route. GET /api/docs lists the routes.',
  },
  method_not_allowed: {
    kind: 'method-not-allowed',
    scopes: ['request'],
    detail: 'The route does not have this method; the header Allow names those it has.',
  },
  request_timeout: {
    kind: 'timeout',
    scopes: ['request'],
    detail: 'The request did not arrive in time. Send it again.',
  },
  body_too_large: {
    kind: 'too-large',
    scopes: ['request'],
    detail: 'The body must have at most 1 MiB after decompression, it has more: split the batch',
  },
  content_type_unsupported: {
    kind: 'unsupported-media',
    scopes: ['request'],
    detail: 'Send the body as application/json, plain or with Content-Encoding: gzip.',
  },
  request_refused: {
    kind: 'invalid',
    scopes: ['request'],
    detail: 'The request was refused.',
  },
  rate_limited: {
    kind: 'rate-limited',
    scopes: ['request'],
    detail: 'More than 6000 requests a minute from this address. Send the same request again after 42 s.',
  },
  live_streams_exceeded: {
    kind: 'rate-limited',
    scopes: ['request'],
    detail: 'At most 50 live streams may be open from one address, and they are: close one of them first',
    retryAfterSeconds: 30,
  },
  headers_too_large: {
    kind: 'headers-too-large',
    scopes: ['request'],
    detail: 'The headers of the request are larger than this service accepts.',
  },
  internal_error: {
    kind: 'internal',
    scopes: ['request', 'message'],
    detail: 'Something went wrong on our side; it has been logged.',
  },
  shutting_down: {
    kind: 'unavailable',
    scopes: ['request'],
    detail: 'This instance is stopping. Send the same request again, over a new connection.',
    retryAfterSeconds: 1,
  },
  overloaded: {
    kind: 'unavailable',
    scopes: ['request'],
    detail: 'The service is taking in as many events as it can. Send the same batch again later.',
    retryAfterSeconds: 2,
  },
  database_unavailable: {
    kind: 'unavailable',
    scopes: ['request'],
    detail: `The service cannot reach its database at the moment. ${RETRY_UNCHANGED}`,
    retryAfterSeconds: 2,
  },
  database_too_slow: {
    kind: 'unavailable',
    scopes: ['request'],
    detail: `The database did not answer in the time a request may take. ${RETRY_UNCHANGED}`,
    retryAfterSeconds: 5,
  },
  answer_too_slow: {
    kind: 'unavailable',
    scopes: ['request'],
    detail: `The answer was not ready within 2 s, because a dependency is slow. ${RETRY_UNCHANGED}`,
    retryAfterSeconds: 2,
  },
  realtime_dau_unverified: {
    kind: 'unavailable',
    scopes: ['request'],
    detail:
      'The live DAU of today is being compared with the stored events. Send the same request again later.',
    retryAfterSeconds: 2,
  },
  redis_unavailable: {
    kind: 'unavailable',
    scopes: ['request'],
    detail: `The service cannot reach its redis at the moment. ${RETRY_UNCHANGED}`,
    retryAfterSeconds: 2,
  },
  event_invalid: {
    kind: 'invalid',
    scopes: ['event'],
    detail:
      'An event must be a JSON object, it is null: send an object with eventName, installId and clientTs',
  },
  heartbeat_invalid: {
    kind: 'invalid',
    scopes: ['heartbeat'],
    detail:
      'A heartbeat must be a JSON object, it is null: send an object with userId, and installId and appVersion where they are known',
  },
  event_name_invalid: {
    kind: 'invalid',
    scopes: ['event'],
    detail:
      'eventName must be a letter and then letters, digits and underscores, at most 64 characters, it is "song played": ' +
      'send a name such as app_session_start',
  },
  user_id_invalid: {
    kind: 'invalid',
    scopes: ['event', 'heartbeat', 'message'],
    detail:
      'userId must be a decimal string from "1" to "9223372036854775807", it is the number 42: send it in quotation marks',
  },
  user_id_mismatch: {
    kind: 'forbidden',
    scopes: ['event'],
    detail:
      'userId is not the user of the token, so the event was not stored. Keep it and send it again without a token',
  },
  event_id_invalid: {
    kind: 'invalid',
    scopes: ['event'],
    detail: 'eventId must be a UUID, it is "1": make a random one for each event, or leave it out',
  },
  event_id_constant: {
    kind: 'invalid',
    scopes: ['event'],
    detail:
      'eventId 00000000-0000-0000-0000-000000000000 is a constant, and events with one id count as one: make a random UUID for each event',
  },
  client_ts_invalid: {
    kind: 'invalid',
    scopes: ['event', 'message'],
    detail:
      'clientTs must be a number of Unix seconds (not milliseconds), it is the number 1732685100250: divide it by 1000',
  },
  event_in_future: {
    kind: 'invalid',
    scopes: ['event', 'message'],
    detail: 'clientTs is more than 600 s in the future. Send sentAt to have a wrong clock corrected',
  },
  event_too_old: {
    kind: 'invalid',
    scopes: ['event'],
    detail:
      'clientTs must be at most 7 days old, it is 9 days old: drop the event, or have an operator import it',
  },
  day_closed: {
    kind: 'invalid',
    scopes: ['event'],
    detail:
      'clientTs must be of a day whose active users are still known, it is of 2024-01-15: drop the event, the stored figures of that day stay as they are',
  },
  properties_invalid: {
    kind: 'invalid',
    scopes: ['event'],
    detail:
      'properties must be a JSON object, it is an array of 2: send an object such as {"os": "iOS"}, or leave it out',
  },
  message_not_json: {
    kind: 'invalid',
    scopes: ['message'],
    detail: 'The message is empty or is not JSON',
  },
  message_invalid: {
    kind: 'invalid',
    scopes: ['message'],
    detail: 'payload must be a JSON object, it is absent: publish it as the schema says',
  },
  file_broken: {
    kind: 'invalid',
    scopes: ['command'],
    detail: 'The file cannot be read to its end.',
  },
  owner_required: {
    kind: 'forbidden',
    scopes: ['command'],
    detail:
      'DATABASE_MIGRATION_URL must be the connection of the owner of the tables: the service’s own role may not erase',
  },
  builds_busy: {
    kind: 'conflict',
    scopes: ['command'],
    detail:
      'The active users are being counted, or a user is being erased, for longer than others wait: run the same command again when that has ended',
  },
  database_layout_mismatch: {
    kind: 'conflict',
    scopes: ['command'],
    detail:
      'CITUS must be true when the tables of DATABASE_URL are distributed over buckets, it is false: set CITUS=true, or name a database of one server',
  },
  dau_version_conflict: {
    kind: 'conflict',
    scopes: ['internal'],
    detail: 'Another calculation of the day stored this version first',
  },
  actives_missing: {
    kind: 'conflict',
    scopes: ['internal'],
    detail: 'The active set of the day is empty though its stored figures are not',
  },
  dau_inconsistent: {
    kind: 'conflict',
    scopes: ['internal'],
    detail: 'A place cannot have more actives than the day',
  },
  online_count_invalid: {
    kind: 'invalid',
    scopes: ['internal'],
    detail: 'An online count is a whole number, zero or more',
  },
  time_window_invalid: {
    kind: 'invalid',
    scopes: ['internal'],
    detail: 'A time window is a whole number of seconds above 0',
  },
} as const satisfies Readonly<Record<string, ErrorEntry>>;

/** A code outside the catalogue does not compile. */
export type ErrorCode = keyof typeof CATALOGUE;

export const ERROR_CATALOGUE: Readonly<Record<ErrorCode, ErrorEntry>> = CATALOGUE;

export function errorCodesIn(scope: ErrorScope): ErrorCode[] {
  return (Object.keys(CATALOGUE) as ErrorCode[]).filter((code) =>
    ERROR_CATALOGUE[code].scopes.includes(scope),
  );
}
