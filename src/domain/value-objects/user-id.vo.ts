import { DomainException } from '../../shared/exceptions/domain.exception.js';
import { isConstantId } from '../../shared/rules/constant-id.rule.js';
import { describeUserId, isUserId } from '../../shared/rules/user-id.rule.js';
import { fieldMessage } from '../../shared/utils/field-message.util.js';

/** An account of the Identity service: a whole number from 1 to 2^63 − 1, a decimal string on every wire. */
export class UserId {
  /** @param text the only decimal text of the number; a `bigint` of each event would cost more than its rules */
  private constructor(private readonly text: string) {}

  /** @throws DomainException `user_id_invalid` */
  static fromString(input: unknown): UserId {
    if (!isUserId(input))
      throw new DomainException('user_id_invalid', { detail: explain(input), field: 'userId' });
    return new UserId(input);
  }

  /** Takes the user id of a verified token, which has passed the same rule. */
  static fromToken(value: bigint): UserId {
    return new UserId(value.toString());
  }

  get value(): bigint {
    return BigInt(this.text);
  }

  equals(other: UserId): boolean {
    return this.text === other.text;
  }

  toString(): string {
    return this.text;
  }
}

/** Names the way out for texts that mean "nobody": an event without a user counts for its install. */
function explain(input: unknown): string {
  if (typeof input !== 'string' || input.length > 64 || /[1-9]/.test(input)) return describeUserId(input);
  if (input !== '0' && !isConstantId(input)) return describeUserId(input);
  return fieldMessage('userId', 'name a user', input, 'leave userId out when nobody is logged in');
}
