const NEEDS_ESCAPE = /["\\]/;
const EACH_ESCAPED = /["\\]/g;

/** Writes a PostgreSQL array in its text form, such as `{a,"b \\"c\\"",NULL}` (PostgreSQL manual, 8.15.6). */
export class ArrayLiteral {
  private readonly elements: string[] = [];

  /** Appends text that means only itself in a literal: an id, a day, an instant, a number, or `NULL`. */
  add(element: string): void {
    this.elements.push(element);
  }

  /** Appends any text, quoted and escaped. */
  addText(text: string): void {
    this.elements.push(`"${NEEDS_ESCAPE.test(text) ? text.replace(EACH_ESCAPED, '\\$&') : text}"`);
  }

  toString(): string {
    return toArrayLiteral(this.elements);
  }
}

/** Writes values that need no quotes, such as days. */
export function toArrayLiteral(values: readonly string[]): string {
  return `{${values.join()}}`;
}
