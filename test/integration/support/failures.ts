import { expect } from '@jest/globals';

import { ApplicationException } from '../../../src/shared/exceptions/application.exception.js';

/** What the promise was rejected with; fails when it was not. */
export async function rejectionOf(work: Promise<unknown>): Promise<unknown> {
  try {
    await work;
  } catch (error) {
    return error;
  }
  throw new Error('It should have been rejected.');
}

/** Runs the work and expects it to fail with this code, to be tried again later, within two seconds. */
export async function expectUnavailable(code: string, work: () => Promise<unknown>): Promise<void> {
  const started = performance.now();
  const error = await rejectionOf(work());
  const tookMs = performance.now() - started;
  expect(error).toBeInstanceOf(ApplicationException);
  expect(error).toMatchObject({ code, kind: 'unavailable', retryAfterSeconds: 2 });
  expect(tookMs).toBeLessThan(2_000);
}

/** A promise to be settled from outside, to hold work at a certain point. */
export interface Gate {
  readonly opened: Promise<void>;
  open(): void;
}

export function gate(): Gate {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open: () => open() };
}
