import { isDeepStrictEqual } from 'node:util';
import type { JsonSchema } from '../../support/event-schemas.js';

/** The direction in which the service passes messages of a schema. */
export type Direction = 'sent' | 'consumed';

/** Keywords that do not restrict values. */
const ANNOTATIONS = new Set(['$schema', '$id', '$comment', 'title', 'description', 'examples', 'default']);
/** Keywords whose larger value accepts fewer messages. */
const LOWER_BOUNDS = new Set(['minimum', 'exclusiveMinimum', 'minLength', 'minItems', 'minProperties']);
/** Keywords whose smaller value accepts fewer messages. */
const UPPER_BOUNDS = new Set(['maximum', 'exclusiveMaximum', 'maxLength', 'maxItems', 'maxProperties']);

/**
 * Returns the changes that break a peer of the `published` schema (draft-07 without `$ref`).
 * A change of a keyword that it cannot judge counts as breaking.
 *
 * @param direction `sent`: each value that the service sends must be valid by the published schema;
 *   `consumed`: each value that the published schema allows must stay valid
 */
export function breakingChanges(published: JsonSchema, current: JsonSchema, direction: Direction): string[] {
  return compare(published, current, direction, '');
}

function compare(published: JsonSchema, current: JsonSchema, direction: Direction, path: string): string[] {
  const keywords = new Set([...Object.keys(published), ...Object.keys(current)]);
  return [...keywords]
    .filter((keyword) => !ANNOTATIONS.has(keyword))
    .filter((keyword) => !isDeepStrictEqual(published[keyword], current[keyword]))
    .flatMap((keyword) => compareKeyword(keyword, published, current, direction, path));
}

function compareKeyword(
  keyword: string,
  published: JsonSchema,
  current: JsonSchema,
  direction: Direction,
  path: string,
): string[] {
  const [before, after] = [published[keyword], current[keyword]];
  const changed = `${path || 'value'}: ${keyword} was ${show(before)}, is ${show(after)}`;
  // The inner side must be contained in the outer side, whichever the direction.
  const [inner, outer] = direction === 'sent' ? [after, before] : [before, after];
  switch (keyword) {
    case 'properties':
      return compareProperties(asObject(before), asObject(after), direction, path);
    case 'required':
      return compareRequired(asList(before), asList(after), direction, path);
    case 'type':
      return outer === undefined || (inner !== undefined && isSubset(types(inner), types(outer)))
        ? []
        : [changed];
    case 'const':
    case 'enum': {
      const [innerValues, outerValues] =
        direction === 'sent' ? [values(current), values(published)] : [values(published), values(current)];
      const contained =
        outerValues === null ||
        (innerValues?.every((value) => outerValues.some((other) => isDeepStrictEqual(value, other))) ??
          false);
      return contained ? [] : [changed];
    }
    case 'anyOf':
      return compareAlternatives(published, current, direction) ? [] : [changed];
    case 'items':
      return isObject(before) && isObject(after) ? compare(before, after, direction, `${path}[]`) : [changed];
    case 'additionalProperties':
      return outer === undefined || outer === true || inner === false ? [] : [changed];
    case 'format':
    case 'pattern':
      return outer === undefined ? [] : [changed];
    default:
      if (LOWER_BOUNDS.has(keyword) || UPPER_BOUNDS.has(keyword)) {
        if (outer === undefined) return [];
        if (typeof inner !== 'number' || typeof outer !== 'number') return [changed];
        return (LOWER_BOUNDS.has(keyword) ? inner >= outer : inner <= outer) ? [] : [changed];
      }
      return [changed];
  }
}

function compareProperties(
  published: JsonSchema,
  current: JsonSchema,
  direction: Direction,
  path: string,
): string[] {
  return Object.entries(published).flatMap(([name, before]) => {
    const field = path === '' ? name : `${path}.${name}`;
    const after = current[name];
    if (after === undefined) return [`${field}: removed, or renamed`];
    if (isObject(before) && isObject(after)) return compare(before, after, direction, field);
    return isDeepStrictEqual(before, after) ? [] : [`${field}: was ${show(before)}, is ${show(after)}`];
  });
}

function compareRequired(
  published: readonly unknown[],
  current: readonly unknown[],
  direction: Direction,
  path: string,
): string[] {
  const prefix = path === '' ? '' : `${path}.`;
  const names = (these: readonly unknown[], without: readonly unknown[]): string[] =>
    these.filter((name) => !without.includes(name)).map((name) => `${prefix}${String(name)}`);
  return direction === 'sent'
    ? names(published, current).map((name) => `${name}: was always there, is optional`)
    : names(current, published).map((name) => `${name}: was optional, is demanded`);
}

/** Returns whether each alternative of one side is contained in one of the other side. */
function compareAlternatives(published: JsonSchema, current: JsonSchema, direction: Direction): boolean {
  const [before, after] = [alternatives(published), alternatives(current)];
  return direction === 'sent'
    ? after.every((now) => before.some((then) => compare(then, now, direction, '').length === 0))
    : before.every((then) => after.some((now) => compare(then, now, direction, '').length === 0));
}

/** Returns the alternatives of `anyOf`, or the schema itself without it. */
function alternatives({ anyOf, ...rest }: JsonSchema): readonly JsonSchema[] {
  return Array.isArray(anyOf) ? (anyOf as JsonSchema[]).map((one) => ({ ...rest, ...one })) : [rest];
}

/** Returns the allowed values, or null when any value is allowed. */
function values(schema: JsonSchema): readonly unknown[] | null {
  if ('const' in schema) return [schema['const']];
  return Array.isArray(schema['enum']) ? (schema['enum'] as unknown[]) : null;
}

function types(type: unknown): readonly unknown[] {
  const list = asList(Array.isArray(type) ? type : [type]);
  // Every integer is a number.
  return list.includes('number') ? [...list, 'integer'] : list;
}

function isSubset(inner: readonly unknown[], outer: readonly unknown[]): boolean {
  return inner.every((value) => outer.includes(value));
}

function isObject(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function asObject(value: unknown): JsonSchema {
  return isObject(value) ? value : {};
}

function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as unknown[]) : [];
}

function show(value: unknown): string {
  return value === undefined ? 'absent' : JSON.stringify(value);
}
