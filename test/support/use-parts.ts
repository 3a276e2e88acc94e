import { afterAll } from '@jest/globals';

import { Parts } from './parts.js';

/** Returns the parts of a test file, which stop after its last test, also when one of them did not start. */
export function useParts(): Parts {
  const parts = new Parts();
  afterAll(() => parts.stop());
  return parts;
}
