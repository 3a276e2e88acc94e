import { ERROR_CATALOGUE, type ErrorCode } from './error-catalogue.js';
import type { ErrorKind } from './error-kinds.js';

export interface FieldError {
  readonly field: string;
  readonly message: string;
}

export interface ApplicationExceptionOptions {
  /** Names the thing, the rule and the next step; the catalogue's text when absent. */
  readonly detail?: string;
  /** Path of the offending input. */
  readonly field?: string;
  /** Each wrong field, when there are several. */
  readonly errors?: readonly FieldError[];
  /** Overrides the catalogue's wait before a retry. */
  readonly retryAfterSeconds?: number;
  readonly cause?: unknown;
}

/** A use case that cannot be carried out, although no rule of the domain is broken. */
export class ApplicationException extends Error {
  override readonly name = 'ApplicationException';
  readonly kind: ErrorKind;
  readonly field: string | undefined;
  readonly errors: readonly FieldError[] | undefined;
  readonly retryAfterSeconds: number | undefined;

  constructor(
    readonly code: ErrorCode,
    { detail, field, errors, retryAfterSeconds, cause }: ApplicationExceptionOptions = {},
  ) {
    const entry = ERROR_CATALOGUE[code];
    super(detail ?? entry.detail, cause === undefined ? undefined : { cause });
    this.kind = entry.kind;
    this.field = field;
    this.errors = errors;
    this.retryAfterSeconds = retryAfterSeconds ?? entry.retryAfterSeconds;
  }
}

/** A dependency did not answer in time. Nothing was half-written. */
export function dependencyUnavailable(
  dependency: 'database' | 'redis',
  cause: unknown,
): ApplicationException {
  return new ApplicationException(`${dependency}_unavailable`, { cause });
}
