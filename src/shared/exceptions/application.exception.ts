import { DomainException, type ExceptionKind } from './domain.exception.js';

export interface FieldError {
  readonly field: string;
  readonly message: string;
}

/** A use case cannot be carried out, though no rule of the domain was broken. */
export class ApplicationException extends DomainException {
  override readonly name: string = 'ApplicationException';
  /** When several fields are wrong, each of them. */
  readonly errors: readonly FieldError[] | undefined;

  /** @param retryAfterSeconds when a retry makes sense; only for kind `unavailable` */
  constructor(
    code: string,
    kind: ExceptionKind,
    message: string,
    readonly retryAfterSeconds?: number,
    options?: {
      readonly cause?: unknown;
      readonly field?: string;
      readonly errors?: readonly FieldError[];
    },
  ) {
    super(code, kind, message, options?.field);
    if (options?.cause !== undefined) this.cause = options.cause;
    this.errors = options?.errors;
  }
}

/** A dependency (`database`, `redis`, …) did not answer in time. Nothing was half-written. */
export function dependencyUnavailable(dependency: string, cause: unknown): ApplicationException {
  return new ApplicationException(
    `${dependency}_unavailable`,
    'unavailable',
    `The service cannot reach its ${dependency} at the moment. Send the same request again later.`,
    2,
    { cause },
  );
}
