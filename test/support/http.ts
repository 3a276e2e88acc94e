import { createHmac } from 'node:crypto';

import jwt from 'jsonwebtoken';

import { TEST_JWT_SECRET } from './service.js';

/** No answer may take longer; the service's own bound is 2 s. */
const ANSWER_TIMEOUT_MS = 10_000;

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** the text as JSON; undefined when it is none */
  readonly body: unknown;
  readonly milliseconds: number;
}

export interface RequestOptions {
  readonly method?: string;
  /** sent as `Authorization: Bearer …` */
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as it is: no content type is added to bytes. */
  readonly body?: string | Uint8Array;
}

/** One request. @throws TypeError when there is no answer, since the connection was refused or lost */
export async function request(url: string, options: RequestOptions = {}): Promise<Answer> {
  const { token, body, method = 'GET' } = options;
  const start = performance.now();
  const response = await fetch(url, {
    method,
    headers: { ...(token !== undefined && { authorization: `Bearer ${token}` }), ...options.headers },
    // As bytes, because fetch would call a string text/plain.
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
    return undefined; // not JSON
  }
}

/** A token of the Identity service. */
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

/** A token put together by hand, for what a signer would refuse to sign. */
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
