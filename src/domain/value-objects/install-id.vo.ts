import { v4 as uuidv4 } from 'uuid';
import { DomainException } from '../../shared/exceptions/domain.exception.js';
import { countCharacters, isPrintable } from '../../shared/utils/text.util.js';

/** Identifies one installation of an app: 8 to 128 characters after trimming; usually, but not always, a UUID. */
export class InstallId {
  static readonly MIN_LENGTH = 8;
  static readonly MAX_LENGTH = 128;

  private constructor(readonly value: string) {}

  static generate(): InstallId {
    return new InstallId(uuidv4());
  }

  /** @throws DomainException `install_id_invalid` */
  static fromString(input: unknown): InstallId {
    if (typeof input !== 'string') throw invalid('installId is required and must be a string');
    const value = input.trim();
    if (value === '') throw invalid('installId must not be blank');
    const length = countCharacters(value);
    if (length < InstallId.MIN_LENGTH || length > InstallId.MAX_LENGTH) {
      throw invalid(
        `installId must have ${InstallId.MIN_LENGTH} to ${InstallId.MAX_LENGTH} characters, it has ${length}`,
      );
    }
    if (!isPrintable(value)) throw invalid('installId must not contain control characters or broken Unicode');
    return new InstallId(value);
  }

  equals(other: InstallId): boolean {
    return this.value === other.value;
  }

  toString(): string {
    return this.value;
  }
}

function invalid(message: string): DomainException {
  return new DomainException('install_id_invalid', 'invalid', message, 'installId');
}
