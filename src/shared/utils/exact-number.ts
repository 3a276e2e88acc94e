/** Bounds the text of a number; PostgreSQL's `numeric` keeps more digits than these, after the point as well. */
export const MAX_NUMBER_CHARACTERS = 1000;

/** A number of a JSON text that a double would change, kept as its text. */
export class ExactNumber {
  constructor(readonly text: string) {}

  /** Returns the nearest double; infinite beyond the range of doubles. */
  toDouble(): number {
    return Number(this.text);
  }

  /** True for a number that every reader of the stored JSON can hold: not endless, infinite or next to zero. */
  isStorable(): boolean {
    const double = this.toDouble();
    return this.text.length <= MAX_NUMBER_CHARACTERS && Number.isFinite(double) && double !== 0;
  }

  /** Fails, because `JSON.stringify` would write an object: `writeJson` writes the number. */
  toJSON(): never {
    throw new TypeError('JSON.stringify cannot write an exact number; use writeJson');
  }
}

/** True when the shortest text of the number's double denotes the same number: storing the double changes nothing. */
export function isExactAsDouble(text: string): boolean {
  if (text.length > MAX_NUMBER_CHARACTERS) return false;
  const double = Number(text);
  if (!Number.isFinite(double)) return false;
  const shortest = String(double);
  return shortest === text || canonicalDecimal(shortest) === canonicalDecimal(text);
}

const DECIMAL = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;

/** Writes each number in one way only: its digits without outer zeros, and the power of ten of the last one. */
function canonicalDecimal(text: string): string {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = DECIMAL.exec(text) ?? [];
  const digits = whole + fraction;
  let start = 0;
  while (digits[start] === '0') start++;
  if (start === digits.length) return '0';
  let end = digits.length;
  while (digits[end - 1] === '0') end--;
  const power = Number(exponent) - fraction.length + (digits.length - end);
  return `${sign}${digits.slice(start, end)}e${power}`;
}
