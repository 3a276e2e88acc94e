import type { ErrorCode } from '../../src/shared/exceptions/error-catalogue.js';

const RETRY_AFTER = 'Send the same request again after `Retry-After`.';

export interface ErrorText {
  /** Cause of the error. */
  readonly meaning: string;
  /** The next step of the client or the operator. */
  readonly remedy: string;
}

/** The explanations in `docs/errors.md`. A code without one does not compile. */
export const ERROR_TEXTS: Readonly<Record<ErrorCode, ErrorText>> = {
  request_malformed: {
    meaning: 'The request is not well-formed HTTP, or its body does not match its headers.',
    remedy: 'Send valid JSON in UTF-8.',
  },
  request_invalid: {
    meaning:
      'A field of the body or the query is missing or wrong, or the query has a parameter that the route does not know, ' +
      'or has one twice; `errors` names each one.',
    remedy: 'Correct the named fields.',
  },
  batch_invalid: {
    meaning:
      '`events` or `heartbeats` is not an array of 1 to 1000, or `sentAt` is not a number of Unix seconds.',
    remedy: 'Correct the envelope. Nothing of the batch was stored.',
  },
  install_id_invalid: {
    meaning: '`installId` is missing, is not 8 to 128 characters long, or has control characters.',
    remedy: 'Send the id that identifies the installation, usually a UUID.',
  },
  install_id_constant: {
    meaning:
      '`installId` is a constant that many devices would share: a placeholder, a known broken device id, or the hash of one.',
    remedy: 'Make a random UUID at installation, keep it, and send it.',
  },
  date_range_invalid: {
    meaning:
      'A day does not exist or leaves the years 1970 to 2100, or the range is reversed or longer than 366 days.',
    remedy: 'Correct the range.',
  },
  time_range_invalid: {
    meaning:
      '`endTime` is not later than `startTime`, the span is too long for the interval, or it leaves the years 2000 to 2100.',
    remedy: 'Shorten the span, or ask for a longer interval.',
  },
  token_missing: { meaning: 'The route needs a token.', remedy: 'Send `Authorization: Bearer …`.' },
  token_expired: {
    meaning: 'The token was valid and has expired.',
    remedy: 'Refresh the token and send the same events again.',
  },
  token_invalid: {
    meaning: 'The signature, algorithm, expiry or user id of the token is not acceptable.',
    remedy: 'Get a new token.',
  },
  internal_key_invalid: {
    meaning: '`X-Internal-Api-Key` is missing or wrong, or the service has no key configured.',
    remedy: 'Send the key.',
  },
  role_missing: { meaning: 'The token has none of the `ADMIN_ROLES`.', remedy: 'Ask for the role.' },
  route_not_found: { meaning: 'The route does not exist.', remedy: 'See `/api/docs`.' },
  method_not_allowed: {
    meaning: 'The route exists with another method, which `Allow` names.',
    remedy: 'Use that method.',
  },
  request_timeout: {
    meaning: 'The request did not arrive within 15 s, or its headers within 10 s.',
    remedy: 'Send it again.',
  },
  body_too_large: {
    meaning: 'The body exceeds 1 MiB after decompression (a heartbeat: 4 KiB).',
    remedy: 'Split the batch; send a heartbeat with its three fields alone.',
  },
  content_type_unsupported: {
    meaning: 'The body is not JSON, or has an encoding other than gzip.',
    remedy: 'Send `application/json`.',
  },
  request_refused: {
    meaning:
      'The HTTP layer refused the request for another reason; the status and `title` say which (any 4xx).',
    remedy: 'Correct the request.',
  },
  rate_limited: {
    meaning: 'This address or this install sent too many requests within a minute.',
    remedy: RETRY_AFTER,
  },
  live_streams_exceeded: {
    meaning: 'This address has as many streams of `GET /live` open as it may.',
    remedy: 'Close one, or ask the operator to raise `LIVE_MAX_WATCHERS_PER_ADDRESS`.',
  },
  headers_too_large: { meaning: 'The headers exceed 16 KiB.', remedy: 'Send fewer or smaller headers.' },
  internal_error: {
    meaning: 'A fault of the service. A consumed message gets this code after five failed attempts.',
    remedy: 'Report it; the log has the error and its time.',
  },
  shutting_down: {
    meaning: 'This instance is stopping.',
    remedy: 'Send the same request again over a new connection.',
  },
  overloaded: {
    meaning:
      'More events or figures are waiting, or more bytes are being received, than the service may hold, or Kafka takes the ' +
      'heartbeats of gateways too slowly. Nothing was tried.',
    remedy: RETRY_AFTER,
  },
  database_unavailable: {
    meaning: 'PostgreSQL did not answer, or refused the connection.',
    remedy: `${RETRY_AFTER} With an \`eventId\` for each event nothing is counted twice.`,
  },
  database_too_slow: {
    meaning: 'PostgreSQL cancelled the statement at its time limit.',
    remedy: `${RETRY_AFTER} With an \`eventId\` for each event nothing is counted twice.`,
  },
  answer_too_slow: {
    meaning: 'The answer was not ready within 2 s. A batch may have been stored all the same.',
    remedy: `${RETRY_AFTER} With an \`eventId\` for each event nothing is counted twice.`,
  },
  realtime_dau_unverified: {
    meaning:
      'The service has just started, or has just connected to Redis, and does not know yet whether the live DAU is complete.',
    remedy: RETRY_AFTER,
  },
  redis_unavailable: { meaning: 'Redis did not answer in time.', remedy: RETRY_AFTER },
  event_invalid: { meaning: 'The event is not a JSON object.', remedy: 'Send an object.' },
  heartbeat_invalid: {
    meaning:
      'The heartbeat of a gateway is not a JSON object, or its `appVersion` is not a text of at most 64 characters.',
    remedy: 'Correct the heartbeat, or leave `appVersion` out.',
  },
  event_name_invalid: {
    meaning:
      '`eventName` is missing, blank, longer than 64 characters, or not letters, digits and underscores after a letter.',
    remedy: 'Rename the event.',
  },
  user_id_invalid: {
    meaning: '`userId` is not a decimal string from 1 to 2^63 − 1.',
    remedy: 'Send the account id as a string.',
  },
  user_id_mismatch: {
    meaning: '`userId` names another user than the token of the request.',
    remedy:
      'Keep the event. Send it again without a token, or with the token of its user ([queues](api.md#queues-and-retries)).',
  },
  event_id_invalid: {
    meaning: '`eventId` is not a UUID.',
    remedy: 'Make a random UUID for each event.',
  },
  event_id_constant: {
    meaning:
      '`eventId` is a constant, such as the nil UUID. All events with it but the first would be duplicates and lost.',
    remedy: 'Make a random UUID for each event.',
  },
  client_ts_invalid: {
    meaning: '`clientTs` is not a number of Unix seconds; milliseconds are the usual mistake.',
    remedy: 'Send seconds.',
  },
  event_in_future: {
    meaning: 'The event is more than 10 minutes ahead of the server.',
    remedy:
      'Send `sentAt`, taken at this attempt. If it was sent, the message says which of the clocks to correct.',
  },
  event_too_old: {
    meaning: 'The event is older than `EVENT_MAX_AGE_DAYS`.',
    remedy: 'Drop it, or import it with `npm run events:import`.',
  },
  day_closed: {
    meaning:
      'The event starts a session on a day whose active set was dropped by hand before its bits were built; its figures can no longer be counted.',
    remedy: 'Drop it. The stored figures of the day stay as they are.',
  },
  properties_invalid: {
    meaning:
      '`properties` is not an object, exceeds 32 KiB, 16 levels or 512 keys, names a place of over 128 characters, or holds NUL, broken Unicode or a number beyond the range of a double.',
    remedy: 'Send less, or correct the text.',
  },
  message_not_json: { meaning: 'The message is empty or is not JSON.', remedy: 'Correct the publisher.' },
  message_invalid: {
    meaning: 'The message is JSON, but not in the shape of the contract.',
    remedy: 'Correct the publisher.',
  },
  file_broken: {
    meaning: 'The file of an import cannot be read or decompressed to its end.',
    remedy: 'Import a complete copy; events stored before are not stored again.',
  },
  database_layout_mismatch: {
    meaning:
      'The tables of the database are not the ones that `CITUS` says: of one server, or distributed. The service does not start and is not ready.',
    remedy: 'Correct `CITUS` or `DATABASE_URL`.',
  },
  owner_required: {
    meaning: 'An erasure has no connection with the rights of the owner of the tables.',
    remedy: 'Set DATABASE_MIGRATION_URL to the URL with which migrations run, and run them.',
  },
  builds_busy: {
    meaning:
      'An erasure waited five minutes, or a build of active users nine, for another of them, which changes the same rows. A rollup ends with it: all its days wait for the same lock.',
    remedy:
      'Run the same command again when the other has ended; a rollup goes on within the hour. The message names the process: end it when it is stuck, the next rollup repeats it.',
  },
  dau_version_conflict: {
    meaning: 'Two calculations of one day ran at once; the later one counts again.',
    remedy: 'None.',
  },
  actives_missing: {
    meaning: 'The active set of the day was dropped; its stored figures stay.',
    remedy: 'None.',
  },
  dau_inconsistent: { meaning: 'A place counts more actives than the whole day.', remedy: 'Report it.' },
  online_count_invalid: {
    meaning: 'A snapshot was given a count that is not a whole number.',
    remedy: 'Report it.',
  },
  time_window_invalid: {
    meaning: 'A time window was given a length that is not a whole number of seconds.',
    remedy: 'Report it.',
  },
};
