// eslint-disable-next-line no-restricted-imports -- the server names requests before there is an application with ports
import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

export const REQUEST_ID_HEADER = 'x-request-id';

export const MAX_REQUEST_ID_LENGTH = 128;
/** Characters of ids that go into headers, logs and problems as they are. */
export const REQUEST_ID_PATTERN = /^[A-Za-z0-9_.:/+=-]+$/;

/** Returns the caller's id when it is well-formed, else a new one. */
export function requestIdOf({ headers }: Pick<IncomingMessage, 'headers'>): string {
  const given = headers[REQUEST_ID_HEADER];
  return typeof given === 'string' && given.length <= MAX_REQUEST_ID_LENGTH && REQUEST_ID_PATTERN.test(given)
    ? given
    : makeRequestId();
}

/** Names a request that was never parsed. */
export function makeRequestId(): string {
  return randomUUID();
}
