import type { ErrorCode } from '../exceptions/error-catalogue.js';
import { countCharacters, isPrintable } from '../utils/text.util.js';
import { isConstantId } from './constant-id.rule.js';

export const INSTALL_ID_MIN_LENGTH = 8;
export const INSTALL_ID_MAX_LENGTH = 128;

/** An install id after trimming, or the reason why the input is not one. */
export type InstallIdVerdict =
  | { readonly value: string }
  | { readonly code: ErrorCode & `install_id_${string}`; readonly problem: string };

export function parseInstallId(input: unknown): InstallIdVerdict {
  if (typeof input !== 'string') return invalid('installId is required and must be a string');
  const value = input.trim();
  if (value === '') return invalid('installId must not be blank');
  const length = countCharacters(value);
  // Before the lower bound, so that a short "null" is named for what it is.
  if (length <= INSTALL_ID_MAX_LENGTH && isConstantId(value)) {
    return { code: 'install_id_constant', problem: describeConstant(value) };
  }
  if (length < INSTALL_ID_MIN_LENGTH || length > INSTALL_ID_MAX_LENGTH) {
    return invalid(
      `installId must have ${INSTALL_ID_MIN_LENGTH} to ${INSTALL_ID_MAX_LENGTH} characters, it has ${length}`,
    );
  }
  if (!isPrintable(value)) return invalid('installId must not contain control characters or broken Unicode');
  return { value };
}

function invalid(problem: string): InstallIdVerdict {
  return { code: 'install_id_invalid', problem };
}

function describeConstant(value: string): string {
  const shown = isPrintable(value) ? ` "${value.slice(0, 64).toWellFormed()}"` : '';
  return `installId${shown} is a constant that many devices would share: send a random UUID, made once for each installation`;
}
