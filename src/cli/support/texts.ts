import { addDaysToKey } from '../../shared/utils/timezone.util.js';

const STEPS = [
  { name: 'd', seconds: 86_400 },
  { name: 'h', seconds: 3_600 },
  { name: 'min', seconds: 60 },
  { name: 's', seconds: 1 },
] as const;

/** Formats a duration in its two largest units: `2 min 5 s`, `3 d 4 h`. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const first = STEPS.findIndex((step) => whole >= step.seconds);
  if (first < 0) return '0 s';
  let rest = whole;
  return STEPS.slice(first, first + 2)
    .map(({ name, seconds: length }) => {
      const count = Math.floor(rest / length);
      rest %= length;
      return { name, count };
    })
    .filter(({ count }) => count > 0)
    .map(({ name, count }) => `${count} ${name}`)
    .join(' ');
}

/** Formats a number with its noun: `1 message`, `2 messages`. */
export function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}

/** Joins days that follow each other: `2025-01-01 to 2025-01-03 (3 days), 2025-02-01`. @param days ascending */
export function spansOf(days: readonly string[]): string {
  const spans: string[][] = [];
  for (const day of days) {
    const span = spans.at(-1);
    if (span !== undefined && addDaysToKey(span.at(-1) as string, 1) === day) span.push(day);
    else spans.push([day]);
  }
  return spans
    .map((span) => (span.length === 1 ? span[0] : `${span[0]} to ${span.at(-1)} (${span.length} days)`))
    .join(', ');
}

/** Makes one line of foreign text; control characters, which a terminal would obey, become spaces. */
export function oneLine(text: string, maxLength: number): string {
  const plain = text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, ' ').trim();
  if (plain.length <= maxLength) return plain;
  const characters = Array.from(new Intl.Segmenter().segment(plain), ({ segment }) => segment);
  return characters.length <= maxLength ? plain : `${characters.slice(0, maxLength - 1).join('')}…`;
}

/** Aligns columns under their heads, numbers to the right. */
export function table(heads: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const widths = heads.map((head, column) =>
    Math.max(head.length, ...rows.map((row) => String(row[column] ?? '').length)),
  );
  const line = (cells: readonly (string | number)[]): string =>
    cells
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        const isNumber = typeof (rows[0]?.[column] ?? cell) === 'number';
        return isNumber ? String(cell).padStart(width) : String(cell).padEnd(width);
      })
      .join('  ')
      .trimEnd();
  return [heads, ...rows].map(line).join('\n');
}
