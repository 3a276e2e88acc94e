import { CheckFailedError } from '../support/check-steps.js';

const SHOWN_DIFFERENCES = 10;

export interface Day {
  readonly day: string;
  readonly [figure: string]: unknown;
}

export interface DauAnswer {
  readonly data: readonly Day[];
  readonly total: number;
}

/**
 * Compares days by their date, so that one surplus day is one difference. When a day was counted is no figure of it.
 *
 * @throws CheckFailedError with the first differences
 */
export function compareDays(answer: DauAnswer, expected: readonly Day[]): void {
  const found = [
    ...findDifferences(indexByDay(answer.data.map(countsOf)), indexByDay(expected), 'data'),
    ...findDifferences(
      answer.data.map(({ day }) => day),
      expected.map(({ day }) => day),
      'days',
    ),
    ...findDifferences(answer.total, expected.length, 'total'),
  ];
  expectNone(found);
}

/** @throws CheckFailedError with the first differences of two JSON values */
export function compareFigures(actual: unknown, expected: unknown, path: string): void {
  expectNone(findDifferences(actual, expected, path));
}

function expectNone(found: readonly string[]): void {
  if (found.length === 0) return;
  const shown = found.slice(0, SHOWN_DIFFERENCES).map((difference) => `  ${difference}`);
  throw new CheckFailedError(
    `${found.length} differences, of which the first ${shown.length}:\n${shown.join('\n')}`,
  );
}

function countsOf({ day, dauCount, byProvince, byCity }: Day): Day {
  return { day, dauCount, byProvince, byCity };
}

function indexByDay(days: readonly Day[]): Record<string, Day> {
  return Object.fromEntries(days.map((day) => [day.day, day]));
}

/** Returns a message for each path at which two JSON values differ. */
function findDifferences(actual: unknown, expected: unknown, path: string): string[] {
  if (!isObject(actual) || !isObject(expected) || Array.isArray(actual) !== Array.isArray(expected)) {
    if (Object.is(actual, expected)) return [];
    return [`${path}: got ${JSON.stringify(actual)}, expected ${JSON.stringify(expected)}`];
  }
  const keys = new Set([...Object.keys(expected), ...Object.keys(actual)]);
  return [...keys].flatMap((key) =>
    findDifferences(actual[key], expected[key], `${path}[${JSON.stringify(key)}]`),
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
