import { expect } from '@jest/globals';

import type { Answer } from './http.js';

/** Expects a problem document (RFC 9457) that reveals no internals. */
export function expectProblem(answer: Answer, status: number, code: string): void {
  expect({ status: answer.status, ...asRecord(answer.body) }).toMatchObject({ status, code });
  expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
  expect(answer.body).toEqual({
    type: `urn:problem:analytics-presence:${code}`,
    title: expect.stringMatching(/\w/),
    status,
    detail: expect.stringMatching(/\w/),
    instance: expect.stringMatching(/^\//),
    code,
    requestId: answer.headers.get('x-request-id'),
    ...(asRecord(answer.body)['errors'] !== undefined && {
      errors: expect.arrayContaining([{ field: expect.any(String), message: expect.any(String) }]),
    }),
  });
  expectNoInsides(answer.text);
  if (status === 401) expect(answer.headers.get('www-authenticate')).toMatch(/^(Bearer|ApiKey)/);
  if (status === 503) expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
}

/** Expects no stack, statement, path or library name in the text. */
export function expectNoInsides(text: string): void {
  expect(text).not.toMatch(
    /\bat .+:\d+:\d+|node_modules|\.[jt]s:\d|SELECT |INSERT |prisma|postgresql:\/\/|ECONN|"stack"/i,
  );
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
