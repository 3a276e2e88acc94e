import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv, type ErrorObject } from 'ajv';
import formats from 'ajv-formats';

const SUFFIX = '.schema.json';
export const EVENTS_DIRECTORY = 'docs/events';

/** A JSON Schema, draft-07, as it stands in its file. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** The schemas of a directory by event type: the current ones, or those that have been published. */
export function readSchemas(directory: 'schemas' | 'published'): ReadonlyMap<string, JsonSchema> {
  const path = join(EVENTS_DIRECTORY, directory);
  const files = readdirSync(path).filter((name) => name.endsWith(SUFFIX));
  return new Map(files.map((name) => [name.slice(0, -SUFFIX.length), readSchema(join(path, name))]));
}

export function readSchema(file: string): JsonSchema {
  return JSON.parse(readFileSync(file, 'utf8')) as JsonSchema;
}

/** The same schema, refusing every field it does not document: what we send must be documented. */
export function strict(schema: JsonSchema): JsonSchema {
  const closed = Object.fromEntries(
    Object.entries(schema).map(([keyword, value]) => [
      keyword,
      keyword === 'properties'
        ? Object.fromEntries(
            Object.entries(value as object).map(([name, s]) => [name, strict(s as JsonSchema)]),
          )
        : value,
    ]),
  );
  return 'properties' in closed ? { ...closed, additionalProperties: false } : closed;
}

/** What is wrong with a value; empty when nothing is. */
export type Check = (value: unknown) => string[];

/** @throws when the schema itself is wrong, unknown keywords included */
export function checkOf(schema: JsonSchema): Check {
  const ajv = new Ajv({ allErrors: true, strict: true, allowUnionTypes: true });
  formats.default(ajv);
  const validate = ajv.compile(schema);
  return (value) => (validate(value) ? [] : (validate.errors ?? []).map(toText));
}

let strictChecks: ReadonlyMap<string, Check> | undefined;

/** What is wrong with the value of a published record, by the schema of its event type, undocumented fields included. */
export function eventSchemaErrors(value: unknown): string[] {
  strictChecks ??= new Map(
    [...readSchemas('schemas')].map(([type, schema]) => [type, checkOf(strict(schema))]),
  );
  if (typeof value !== 'object' || value === null || !('eventType' in value)) return ['no eventType'];
  const { eventType } = value;
  const check = typeof eventType === 'string' ? strictChecks.get(eventType) : undefined;
  return check?.(value) ?? [`eventType ${JSON.stringify(eventType)} has no schema`];
}

function toText({ instancePath, message, params }: ErrorObject): string {
  const field = 'additionalProperty' in params ? ` (${String(params['additionalProperty'])})` : '';
  return `${instancePath === '' ? 'value' : instancePath.slice(1).replaceAll('/', '.')} ${message ?? 'is wrong'}${field}`;
}
