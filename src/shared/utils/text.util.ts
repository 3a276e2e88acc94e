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

/** Cuts a long text for a message. */
export function shorten(text: string, maxLength: number): string {
  return text.length > maxLength ? `${text.slice(0, maxLength)}…` : text;
}

/** Counts characters as PostgreSQL does: code points, not UTF-16 units. */
export function countCharacters(text: string): number {
  let count = 0;
  for (let i = 0; i < text.length; i++, count++) {
    if ((text.codePointAt(i) ?? 0) > 0xffff) i++;
  }
  return count;
}

/** Format characters, and others without an image: zero-width ones, marks of direction, variation selectors. */
const INVISIBLE = /[\p{Cf}\p{DI}]+/gu;
// NUL stays, for the rule that rejects it.
// eslint-disable-next-line no-control-regex -- the pattern looks for them
const BLANKS = /[\p{Z}\u0001-\u001f\u007f-\u009f]+/gu;
const PLAIN = /^[!-~]+(?: [!-~]+)*$/;
const LETTERS = /[\p{L}\p{M}\p{Nd}\p{Script=Han}]+/gu;

/** Returns text in NFC, without invisible characters and with single spaces between words. */
export function normalizeText(text: string): string {
  if (PLAIN.test(text)) return text;
  return text.replace(INVISIBLE, '').normalize('NFC').replace(BLANKS, ' ').trim();
}

/** Replaces full-width letters, ligatures and the radicals that look like ideographs by common characters. */
export function normalizeLetters(text: string): string {
  if (PLAIN.test(text)) return text;
  return text.replace(LETTERS, (letters) => letters.normalize('NFKC'));
}
