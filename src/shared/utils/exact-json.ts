import { ExactNumber, isExactAsDouble } from './exact-number.js';

type Container = unknown[] | Record<string, unknown>;

const SCALAR = /[^\s,\]}]+/y;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const DIGIT_0 = 0x30;
const DIGIT_9 = 0x39;
const LOWER_E = 0x65;
const UPPER_E = 0x45;
const POINT = 0x2e;
const PLUS = 0x2b;
const MINUS = 0x2d;
/** Decimal numbers of fewer characters pass through a double unchanged. */
const MIN_INEXACT_LENGTH = 16;

/**
 * True when JSON holds a number that a double would change. Reads bytes, which costs a third of what a pattern does.
 *
 * @param json valid JSON in UTF-8
 */
export function holdsInexactNumber(json: Buffer): boolean {
  let at = 0;
  while (at < json.length) {
    const byte = json[at] as number;
    if (byte === QUOTE) at = endOfText(json, at);
    else if (!isDigit(byte)) at++;
    else {
      const start = at;
      let hasExponent = false;
      for (at++; isInNumber(json[at]); at++) hasExponent ||= isExponent(json[at]);
      const isCandidate = hasExponent || at - start >= MIN_INEXACT_LENGTH;
      if (isCandidate && !isExactAsDouble(json.toString('latin1', start, at))) return true;
    }
  }
  return false;
}

/**
 * Reads JSON like `JSON.parse`, and numbers that a double would change as {@link ExactNumber}.
 * Keeps open containers on a stack of its own, so that no depth overflows.
 *
 * @param json valid JSON: `JSON.parse` has accepted it
 */
export function parseExactly(json: string): unknown {
  const root: unknown[] = [];
  const open: Container[] = [];
  let target: Container = root;
  let key: string | null = null;
  let position = 0;
  while (position < json.length) {
    const char = json.charAt(position);
    if (char === '{' || char === '[') {
      const child: Container = char === '{' ? {} : [];
      add(target, key, child);
      open.push(target);
      [target, key] = [child, null];
      position++;
    } else if (char === '}' || char === ']') {
      target = open.pop() ?? root;
      position++;
    } else if (char === '"') {
      const end = endOfString(json, position);
      const text = JSON.parse(json.slice(position, end)) as string;
      position = end;
      if (key === null && !Array.isArray(target)) key = text;
      else {
        add(target, key, text);
        key = null;
      }
    } else if (isBetweenTokens(char)) position++;
    else {
      SCALAR.lastIndex = position;
      const [scalar = ''] = SCALAR.exec(json) ?? [];
      position += scalar.length;
      add(target, key, readScalar(scalar));
      key = null;
    }
  }
  return root[0];
}

/** Writes what {@link parseExactly} reads: like `JSON.stringify`, exact numbers as their text, any depth. */
export function writeJson(value: unknown): string {
  let json = '';
  // Strings in the stack are parts of the output; values are wrapped.
  const pending: (string | { readonly value: unknown })[] = [{ value }];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (typeof next === 'string') json += next;
    else if (next.value instanceof ExactNumber) json += next.value.text;
    else if (Array.isArray(next.value)) {
      pending.push(']');
      for (let i = next.value.length - 1; i >= 0; i--)
        pending.push({ value: next.value[i] as unknown }, i > 0 ? ',' : '[');
      if (next.value.length === 0) pending.push('[');
    } else if (typeof next.value === 'object' && next.value !== null) {
      const entries = Object.entries(next.value).filter(([, child]) => child !== undefined);
      pending.push('}');
      for (let i = entries.length - 1; i >= 0; i--) {
        const [key, child] = entries[i] ?? [];
        pending.push({ value: child }, `${i > 0 ? ',' : '{'}${JSON.stringify(key)}:`);
      }
      if (entries.length === 0) pending.push('{');
    } else json += JSON.stringify(next.value);
  }
  return json;
}

/** True for an object that holds fields: no array, no null and no exact number. */
export function isJsonObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof ExactNumber)
  );
}

function add(target: Container, key: string | null, value: unknown): void {
  if (Array.isArray(target)) target.push(value);
  // Assignment would change the prototype; JSON.parse makes a field of this name.
  else if (key === '__proto__')
    Object.defineProperty(target, key, { value, configurable: true, enumerable: true, writable: true });
  else target[key ?? ''] = value;
}

/** Returns the position behind the closing quote. */
function endOfText(json: Buffer, start: number): number {
  let at = start + 1;
  while (at < json.length && json[at] !== QUOTE) at += json[at] === BACKSLASH ? 2 : 1;
  return at + 1;
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= DIGIT_0 && byte <= DIGIT_9;
}

function isExponent(byte: number | undefined): boolean {
  return byte === LOWER_E || byte === UPPER_E;
}

function isInNumber(byte: number | undefined): boolean {
  return isDigit(byte) || byte === POINT || byte === MINUS || byte === PLUS || isExponent(byte);
}

/** Returns the position behind the closing quote. */
function endOfString(json: string, start: number): number {
  let end = start;
  let backslashes: number;
  do {
    end = json.indexOf('"', end + 1);
    backslashes = 0;
    while (json[end - 1 - backslashes] === '\\') backslashes++;
  } while (backslashes % 2 === 1);
  return end + 1;
}

function isBetweenTokens(char: string): boolean {
  return char === ',' || char === ':' || char === ' ' || char === '\n' || char === '\r' || char === '\t';
}

function readScalar(text: string): unknown {
  if (text === 'true' || text === 'false' || text === 'null') return JSON.parse(text);
  return isExactAsDouble(text) ? Number(text) : new ExactNumber(text);
}
