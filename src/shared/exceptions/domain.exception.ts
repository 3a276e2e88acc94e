import { ERROR_CATALOGUE, type ErrorCode } from './error-catalogue.js';
import type { ErrorKind } from './error-kinds.js';

export interface DomainExceptionOptions {
  /** Names the thing, the rule and the value seen; the catalogue's text when absent. */
  readonly detail?: string;
  /** Path of the offending input, such as `properties.city`. */
  readonly field?: string;
}

/** A broken rule of the domain. */
export class DomainException extends Error {
  override readonly name = 'DomainException';
  readonly kind: ErrorKind;
  readonly field: string | undefined;

  constructor(
    readonly code: ErrorCode,
    { detail, field }: DomainExceptionOptions = {},
  ) {
    super(detail ?? ERROR_CATALOGUE[code].detail);
    this.kind = ERROR_CATALOGUE[code].kind;
    this.field = field;
  }
}
