import { countCharacters, isPrintable } from '../utils/text.util.js';

export const INSTALL_ID_MIN_LENGTH = 8;
export const INSTALL_ID_MAX_LENGTH = 128;

/** An install id after trimming, or the reason why the input is not one. */
export type InstallIdVerdict = { readonly value: string } | { readonly problem: string };

export function parseInstallId(input: unknown): InstallIdVerdict {
  if (typeof input !== 'string') return { problem: 'installId is required and must be a string' };
  const value = input.trim();
  if (value === '') return { problem: 'installId must not be blank' };
  const length = countCharacters(value);
  if (length < INSTALL_ID_MIN_LENGTH || length > INSTALL_ID_MAX_LENGTH) {
    return {
      problem: `installId must have ${INSTALL_ID_MIN_LENGTH} to ${INSTALL_ID_MAX_LENGTH} characters, it has ${length}`,
    };
  }
  if (!isPrintable(value))
    return { problem: 'installId must not contain control characters or broken Unicode' };
  return { value };
}
