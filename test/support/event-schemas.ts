import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv, type ErrorObject } from 'ajv';
import formats from 'ajv-formats';

const SUFFIX = '.schema.json';
export const EVENTS_DIRECTORY = 'docs/events';

/** A JSON Schema of draft-07. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** Reads the current or the published schemas by event type. */
export function readSchemas(directory: 'schemas' | 'published'): ReadonlyMap<string, JsonSchema> {
  const path = join(EVENTS_DIRECTORY, directory);
  const files = readdirSync(path).filter((name) => name.endsWith(SUFFIX));
  return new Map(files.map((name) => [name.slice(0, -SUFFIX.length), readSchema(join(path, name))]));
}

export function readSchema(file: string): JsonSchema {
  return JSON.parse(readFileSync(file, 'utf8')) as JsonSchema;
}

/** Returns the schema with every undocumented field rejected. */
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

/** Returns the errors of a value; empty for a valid one. */
export type Check = (value: unknown) => string[];

/** Compiles a schema. @throws for an invalid schema and for an unknown keyword */
export function checkOf(schema: JsonSchema): Check {
  const ajv = new Ajv({ allErrors: true, strict: true, allowUnionTypes: true });
  formats.default(ajv);
  const validate = ajv.compile(schema);
  return (value) => (validate(value) ? [] : (validate.errors ?? []).map(toText));
}

let strictChecks: ReadonlyMap<string, Check> | undefined;

/** Returns the errors of a published value by the strict schema of its event type. */
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
