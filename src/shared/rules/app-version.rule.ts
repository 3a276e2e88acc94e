import { fieldMessage } from '../utils/field-message.util.js';
import { countCharacters } from '../utils/text.util.js';

export const APP_VERSION_MAX_LENGTH = 64;
export const APP_VERSION_EXAMPLE = '2.4.0';

export function isAppVersion(value: unknown): value is string {
  return typeof value === 'string' && countCharacters(value) <= APP_VERSION_MAX_LENGTH;
}

/** Says what an app version is, for a value that is none. */
export function describeAppVersion(value: unknown): string {
  const rule = `be a text of at most ${APP_VERSION_MAX_LENGTH} characters`;
  return fieldMessage('appVersion', rule, value, `send one such as "${APP_VERSION_EXAMPLE}"`);
}
