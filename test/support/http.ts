import { createHmac } from 'node:crypto';

import jwt from 'jsonwebtoken';

import { TEST_JWT_SECRET } from './service.js';

/** Limits the wait for a response; the service limits itself to 2 s. */
const ANSWER_TIMEOUT_MS = 10_000;

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** the text parsed as JSON; undefined when it is not JSON */
  readonly body: unknown;
  readonly milliseconds: number;
}

export interface RequestOptions {
  readonly method?: string;
  /** token of the header `Authorization: Bearer …` */
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** The body as it is sent; bytes get no content type. */
  readonly body?: string | Uint8Array;
}

/** Sends one request. @throws TypeError when the connection is refused or lost */
export async function request(url: string, options: RequestOptions = {}): Promise<Answer> {
  const { token, body, method = 'GET' } = options;
  const start = performance.now();
  const response = await fetch(url, {
    method,
    headers: { ...(token !== undefined && { authorization: `Bearer ${token}` }), ...options.headers },
    // fetch would send a string as text/plain, so the body is bytes.
    ...(body !== undefined && { body: Buffer.from(body) }),
    redirect: 'manual',
    signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
  });
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    text,
    body: parse(text),
    milliseconds: performance.now() - start,
  };
}

export async function postJson(url: string, value: unknown, options: RequestOptions = {}): Promise<Answer> {
  return request(url, {
    method: 'POST',
    body: typeof value === 'string' ? value : JSON.stringify(value),
    ...options,
    headers: { 'content-type': 'application/json', ...options.headers },
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Signs a token as the Identity service does. */
export function signToken(
  claims: Readonly<Record<string, unknown>>,
  options: {
    readonly secret?: string;
    readonly expiresInSeconds?: number | null;
    readonly algorithm?: jwt.Algorithm;
  } = {},
): string {
  const { secret = TEST_JWT_SECRET, expiresInSeconds = 3600, algorithm = 'HS256' } = options;
  return jwt.sign({ ...claims }, secret, {
    algorithm,
    ...(expiresInSeconds !== null && { expiresIn: expiresInSeconds }),
  });
}

/** Composes a token that a signer would refuse to sign. */
export function forgeToken(
  header: Readonly<Record<string, unknown>>,
  claims: Readonly<Record<string, unknown>>,
  secret?: string,
): string {
  const content = [header, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');
  const signature =
    secret === undefined ? '' : createHmac('sha256', secret).update(content).digest('base64url');
  return `${content}.${signature}`;
}
