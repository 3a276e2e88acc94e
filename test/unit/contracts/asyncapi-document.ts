import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import asyncapi from '@asyncapi/specs';
import { Ajv } from 'ajv';
import formats from 'ajv-formats';
import { load } from 'js-yaml';
import { EVENTS_DIRECTORY, readSchema, type JsonSchema } from '../../support/event-schemas.js';
import { isObject } from './schema-paths.js';

const documentFile = join(EVENTS_DIRECTORY, 'asyncapi.yaml');
export const document: unknown = load(readFileSync(documentFile, 'utf8'));

/** Returns the value at a path of the AsyncAPI document and follows references on the way. */
export function at(...path: string[]): unknown {
  return path.reduce<unknown>((value, key) => {
    const next = isObject(value) ? value[key] : undefined;
    return isObject(next) && typeof next['$ref'] === 'string' ? target(next['$ref']) : next;
  }, document);
}

/** Returns the target of a `$ref`: a value of the document, or a file beside it. */
export function target(ref: string): unknown {
  if (ref.startsWith('#/')) return at(...ref.slice(2).split('/'));
  const file = resolve(dirname(documentFile), ref);
  return existsSync(file) ? readSchema(file) : undefined;
}

export function referencesIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(referencesIn);
  if (!isObject(value)) return [];
  return typeof value['$ref'] === 'string' ? [value['$ref']] : Object.values(value).flatMap(referencesIn);
}

/** Replaces references to files by their contents; AsyncAPI requires its internal references. */
export function withFiles(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withFiles);
  if (!isObject(value)) return value;
  const ref = value['$ref'];
  if (typeof ref === 'string') return ref.startsWith('#') ? value : target(ref);
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, withFiles(child)]));
}

const isAsyncapi = (() => {
  // The schema of AsyncAPI 3.0.0 contains the meta-schema of draft-07, which ajv knows already.
  const { definitions, ...schema } = asyncapi.schemas['3.0.0'];
  const own = Object.entries(definitions ?? {}).filter(([id]) => !id.startsWith('http://json-schema.org/'));
  const ajv = new Ajv({ allErrors: true, strict: false });
  formats.default(ajv);
  const withoutCopy: JsonSchema = { ...schema, definitions: Object.fromEntries(own) };
  return ajv.compile(withoutCopy);
})();

export function asyncapiErrors(value: unknown): unknown[] {
  return isAsyncapi(value) ? [] : (isAsyncapi.errors ?? []);
}

/** Returns the event type and the key of each message of a channel. */
export const messagesOf = (channel: string): [string, string][] =>
  Object.keys(at('channels', channel, 'messages') as object).map((key) => [
    String(at('channels', channel, 'messages', key, 'name')),
    key,
  ]);
