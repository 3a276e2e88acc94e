import type { ErrorCode } from '../exceptions/error-catalogue.js';
import { fieldMessage } from '../utils/field-message.util.js';
import { countCharacters, isPrintable } from '../utils/text.util.js';
import { isConstantId, isConstantUuidOfDevice, isUuidText } from './constant-id.rule.js';

export const INSTALL_ID_MIN_LENGTH = 8;
export const INSTALL_ID_MAX_LENGTH = 128;

const NEXT_STEP = 'send the id that the app made when it was installed';

/** An install id after trimming, or the reason why the input is not one. */
export type InstallIdVerdict =
  | { readonly value: string }
  | { readonly code: ErrorCode & `install_id_${string}`; readonly problem: string };

export function parseInstallId(input: unknown): InstallIdVerdict {
  if (typeof input !== 'string') return invalid(describeInstallId(input));
  const value = input.trim();
  // Most ids are UUIDs, for which the rules about lengths and characters hold.
  if (isUuidText(value)) {
    return isConstantUuidOfDevice(value.toLowerCase()) ? constant(value) : { value };
  }
  const length = countCharacters(value);
  // Before the lower bound, so that a short "null" is named for what it is.
  if (length <= INSTALL_ID_MAX_LENGTH && isConstantId(value)) {
    return constant(value);
  }
  if (length < INSTALL_ID_MIN_LENGTH || length > INSTALL_ID_MAX_LENGTH) {
    return invalid(describeInstallId(input));
  }
  if (!isPrintable(value)) {
    const rule = 'have no control characters and no broken Unicode';
    return invalid(fieldMessage('installId', rule, input, NEXT_STEP));
  }
  return { value };
}

function invalid(problem: string): InstallIdVerdict {
  return { code: 'install_id_invalid', problem };
}

function constant(value: string): InstallIdVerdict {
  return { code: 'install_id_constant', problem: describeConstant(value) };
}

function describeConstant(value: string): string {
  const shown = isPrintable(value) ? ` "${value.slice(0, 64).toWellFormed()}"` : '';
  return `installId${shown} is a constant that many devices would share: send a random UUID, made once for each installation`;
}

/** Says what an install id is, for a value that is none. */
export function describeInstallId(input: unknown): string {
  const rule = `be a text of ${INSTALL_ID_MIN_LENGTH} to ${INSTALL_ID_MAX_LENGTH} characters`;
  return fieldMessage('installId', rule, input, NEXT_STEP);
}
