import { isDeepStrictEqual } from 'node:util';
import type { JsonSchema } from '../../support/event-schemas.js';

/** What we do with the messages a schema describes. */
export type Direction = 'sent' | 'consumed';

/** Keywords that say nothing about which values are valid. */
const ANNOTATIONS = new Set(['$schema', '$id', '$comment', 'title', 'description', 'examples', 'default']);
/** A larger value takes fewer messages. */
const LOWER_BOUNDS = new Set(['minimum', 'exclusiveMinimum', 'minLength', 'minItems', 'minProperties']);
/** A smaller value takes fewer messages. */
const UPPER_BOUNDS = new Set(['maximum', 'exclusiveMaximum', 'maxLength', 'maxItems', 'maxProperties']);

/**
 * What in `current` breaks a peer that was built for `published`; empty when nothing does.
 *
 * Of what is *sent*, every value we may send now must be one that the published schema promised: nothing removed, made
 * optional, retyped or widened. New fields are fine, for subscribers ignore what they do not know. Of what is
 * *consumed*, every message that the published schema allowed must still be taken and understood: no new demand,
 * nothing narrowed, no field forgotten. A change of a keyword that this function cannot judge counts as breaking.
 *
 * For draft-07 schemas without `$ref`; pure.
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
  // One way round for both directions: what is on the left must be contained in what is on the right.
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

/** Each alternative of the one side must be contained in one of the other's. */
function compareAlternatives(published: JsonSchema, current: JsonSchema, direction: Direction): boolean {
  const [before, after] = [alternatives(published), alternatives(current)];
  return direction === 'sent'
    ? after.every((now) => before.some((then) => compare(then, now, direction, '').length === 0))
    : before.every((then) => after.some((now) => compare(then, now, direction, '').length === 0));
}

/** A schema without `anyOf` is its own only alternative. */
function alternatives({ anyOf, ...rest }: JsonSchema): readonly JsonSchema[] {
  return Array.isArray(anyOf) ? (anyOf as JsonSchema[]).map((one) => ({ ...rest, ...one })) : [rest];
}

/** Null: any value. */
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
