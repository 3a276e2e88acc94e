import { expect } from '@jest/globals';
import { ApplicationException } from '../../src/shared/exceptions/application.exception.js';
import { DomainException } from '../../src/shared/exceptions/domain.exception.js';

/** Matches an exception of ours by what callers may branch on. */
export function domainError(
  code: string,
  more: { readonly kind?: DomainException['kind']; readonly field?: string; readonly message?: unknown } = {},
): unknown {
  // The class and not the name: a bare Error would pass for one.
  return expect.objectContaining({ constructor: DomainException, code, kind: 'invalid', ...more });
}

export function applicationError(code: string, kind: DomainException['kind'] = 'invalid'): unknown {
  return expect.objectContaining({ constructor: ApplicationException, code, kind });
}
