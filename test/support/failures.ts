import { expect } from '@jest/globals';

import { ApplicationException } from '../../src/shared/exceptions/application.exception.js';

/** Returns the error that the promise rejects with. @throws when it is fulfilled */
export async function rejectionOf(work: Promise<unknown>): Promise<unknown> {
  try {
    await work;
  } catch (error) {
    return error;
  }
  throw new Error('It should have been rejected.');
}

/** Runs the work and expects this code within two seconds, with the hint to retry. */
export async function expectUnavailable(code: string, work: () => Promise<unknown>): Promise<void> {
  const started = performance.now();
  const error = await rejectionOf(work());
  const tookMs = performance.now() - started;
  expect(error).toBeInstanceOf(ApplicationException);
  expect(error).toMatchObject({ code, kind: 'unavailable', retryAfterSeconds: 2 });
  expect(tookMs).toBeLessThan(2_000);
}
