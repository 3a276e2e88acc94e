import { v4 as uuidv4 } from 'uuid';
import { DomainException } from '../../shared/exceptions/domain.exception.js';
import {
  INSTALL_ID_MAX_LENGTH,
  INSTALL_ID_MIN_LENGTH,
  parseInstallId,
} from '../../shared/rules/install-id.rule.js';

/** One installation of an app: 8 to 128 characters after trimming, no shared constant; usually a UUID. */
export class InstallId {
  static readonly MIN_LENGTH = INSTALL_ID_MIN_LENGTH;
  static readonly MAX_LENGTH = INSTALL_ID_MAX_LENGTH;

  private constructor(readonly value: string) {}

  static generate(): InstallId {
    return new InstallId(uuidv4());
  }

  /** @throws DomainException `install_id_invalid`, `install_id_constant` */
  static fromString(input: unknown): InstallId {
    const verdict = parseInstallId(input);
    if ('value' in verdict) return new InstallId(verdict.value);
    throw new DomainException(verdict.code, { detail: verdict.problem, field: 'installId' });
  }

  equals(other: InstallId): boolean {
    return this.value === other.value;
  }

  toString(): string {
    return this.value;
  }
}
