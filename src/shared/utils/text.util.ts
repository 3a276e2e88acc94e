// Control characters: PostgreSQL refuses NUL, and the others would corrupt logs and terminals.
// eslint-disable-next-line no-control-regex -- the pattern looks for them
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/;

/** True for well-formed UTF-16 without control characters. */
export function isPrintable(text: string): boolean {
  return text.isWellFormed() && !CONTROL.test(text);
}

/** True for text that PostgreSQL can store: well-formed UTF-16 without NUL. */
export function isStorable(text: string): boolean {
  return text.isWellFormed() && !text.includes('\u0000');
}

/** Counts characters as PostgreSQL does: code points, not UTF-16 units. */
export function countCharacters(text: string): number {
  let count = 0;
  for (let i = 0; i < text.length; i++, count++) {
    if ((text.codePointAt(i) ?? 0) > 0xffff) i++;
  }
  return count;
}
