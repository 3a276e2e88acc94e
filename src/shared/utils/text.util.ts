// PostgreSQL's text and jsonb refuse NUL; UTF-8 has no lone surrogates. The other control characters have no place
// in an identifier either: they would only corrupt logs and terminals.
// eslint-disable-next-line no-control-regex -- that is what is looked for
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/;

/** True when the text can be stored as UTF-8 and holds no control character. */
export function isPrintable(text: string): boolean {
  return text.isWellFormed() && !CONTROL.test(text);
}

/** True when the text can be stored in PostgreSQL: valid UTF-16 without NUL. */
export function isStorable(text: string): boolean {
  return text.isWellFormed() && !text.includes('\u0000');
}

/** Characters as PostgreSQL counts them: code points, not UTF-16 units. */
export function countCharacters(text: string): number {
  let count = 0;
  for (let i = 0; i < text.length; i++, count++) {
    if ((text.codePointAt(i) ?? 0) > 0xffff) i++;
  }
  return count;
}
