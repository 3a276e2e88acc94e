import { ExactNumber } from './exact-number.js';
import { countCharacters, shorten } from './text.util.js';

/** Length at which a message cuts the value that it repeats. */
export const MAX_SHOWN_CHARACTERS = 40;
/** Characters that a reader would not see, or that would break a line of a log. */
const HIDDEN = /[\p{C}\p{Z}\p{DI}]/gu;
/** Matches tokens, which a message must never contain. */
const TOKEN = /^(?:bearer\s|eyJ[\w-]{8,})/i;

/** Writes a message about a field: its name, the rule, the value seen, and the next step. */
export function fieldMessage(field: string, rule: string, value: unknown, nextStep: string): string {
  return `${field} must ${rule}, ${describeSeen(value)}: ${nextStep}`;
}

/** Describes a value in a few words, such as `it is absent` or `it is "abc"`. Long texts are cut. */
export function describeSeen(value: unknown): string {
  if (value === undefined) return 'it is absent';
  if (value === null) return 'it is null';
  if (typeof value === 'string') return describeText(value);
  if (value instanceof ExactNumber) return `it is the number ${shorten(value.text, MAX_SHOWN_CHARACTERS)}`;
  if (Array.isArray(value)) return `it is an array of ${value.length}`;
  if (typeof value === 'object') return 'it is an object';
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') {
    return `it is the ${typeof value} ${value}`;
  }
  return `it is a ${typeof value}`;
}

function describeText(text: string): string {
  if (TOKEN.test(text)) return 'it is a token';
  const isCut = text.length > 2 * MAX_SHOWN_CHARACTERS || countCharacters(text) > MAX_SHOWN_CHARACTERS;
  return `it is ${quoteText(text)}${isCut ? ` and has ${countCharacters(text)} characters` : ''}`;
}

/** Quotes the first characters of a text and writes invisible ones as their code. */
export function quoteText(text: string): string {
  // Cuts first, so that a text of a megabyte costs no more than a short one.
  const characters = Array.from(text.slice(0, 2 * MAX_SHOWN_CHARACTERS + 2));
  const shown = characters.slice(0, MAX_SHOWN_CHARACTERS).join('');
  const quoted = JSON.stringify(shown).replace(HIDDEN, escapeCharacter);
  return shown.length === text.length ? quoted : `${quoted.slice(0, -1)}…"`;
}

function escapeCharacter(character: string): string {
  return character === ' ' ? character : `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}
