import type { JsonSchema } from '../../support/event-schemas.js';

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Returns a copy with another value at a path; undefined removes the path. */
export function withValue(value: unknown, path: string, replacement: unknown): Record<string, unknown> {
  const [head = '', ...tail] = path.split('.');
  const { [head]: before, ...rest } = isObject(value) ? value : {};
  const after = tail.length > 0 ? withValue(before, tail.join('.'), replacement) : replacement;
  return after === undefined ? rest : { ...rest, [head]: after };
}

/** Returns the paths of all documented fields, and whether each is required. */
export function fieldsOf(schema: JsonSchema, prefix = ''): { path: string; required: boolean }[] {
  return Object.entries((schema['properties'] ?? {}) as Record<string, JsonSchema>).flatMap(
    ([name, field]) => [
      { path: `${prefix}${name}`, required: ((schema['required'] ?? []) as string[]).includes(name) },
      ...fieldsOf(field, `${prefix}${name}.`),
    ],
  );
}

export function examplesOf(
  schema: JsonSchema,
  path = 'value',
): [path: string, schema: JsonSchema, example: unknown][] {
  return [
    ...((schema['examples'] ?? []) as unknown[]).map((example): [string, JsonSchema, unknown] => [
      path,
      schema,
      example,
    ]),
    ...Object.entries((schema['properties'] ?? {}) as Record<string, JsonSchema>).flatMap(([name, field]) =>
      examplesOf(field, `${path}.${name}`),
    ),
  ];
}
