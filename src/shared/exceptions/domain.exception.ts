/**
 * What a failure means to whoever asked, independent of transport. One table maps it to HTTP
 * (`domain-exception.filter.ts`).
 */
export type ExceptionKind =
  'invalid' | 'unauthenticated' | 'forbidden' | 'not-found' | 'conflict' | 'unavailable';

/** A rule of the domain was broken. */
export class DomainException extends Error {
  override readonly name: string = 'DomainException';

  /**
   * @param code stable, documented, `snake_case`; clients may branch on it
   * @param message for the reader: what is wrong and what would be right
   * @param field path of the offending input, such as `properties.city`
   */
  constructor(
    readonly code: string,
    readonly kind: ExceptionKind,
    message: string,
    readonly field?: string,
  ) {
    super(message);
  }
}
