import { DomainException } from '../../shared/exceptions/domain.exception.js';

const DECIMAL = /^[1-9]\d{0,18}$/;
const MAX = 2n ** 63n - 1n;

/** The account of the Identity service: a whole number from 1 to 2^63 − 1, a decimal string on every wire. */
export class UserId {
  private constructor(readonly value: bigint) {}

  /** @throws DomainException `user_id_invalid` */
  static fromString(input: unknown): UserId {
    if (typeof input === 'string' && DECIMAL.test(input)) {
      const value = BigInt(input);
      if (value <= MAX) return new UserId(value);
    }
    throw new DomainException(
      'user_id_invalid',
      'invalid',
      'userId must be a decimal string from "1" to "9223372036854775807"',
      'userId',
    );
  }

  equals(other: UserId): boolean {
    return this.value === other.value;
  }

  toString(): string {
    return this.value.toString();
  }
}
