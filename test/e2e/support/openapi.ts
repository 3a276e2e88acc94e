import { resolveSchema, type OpenApi, type Schema } from '../../../tools/docs/openapi-requests.js';

/** The paths of all that has neither an example of its own nor examples in all its parts. */
export function withoutExample(document: OpenApi, schema: Schema | undefined, path: string): string[] {
  const resolved = resolveSchema(document, schema);
  if (resolved === undefined) return [`${path} has no schema`];
  if (schema?.example !== undefined) return [];
  if (resolved.example !== undefined || resolved.default !== undefined) return [];
  if (resolved.type === 'array') return withoutExample(document, resolved.items, `${path}[]`);
  if (resolved.properties === undefined) return [`${path} has no example`];
  return Object.entries(resolved.properties).flatMap(([name, property]) =>
    withoutExample(document, property, `${path}.${name}`),
  );
}

/** Returns how a value differs from its schema, undocumented fields included; empty when it conforms. */
export function mismatches(
  document: OpenApi,
  schema: Schema | undefined,
  value: unknown,
  path = 'body',
): string[] {
  const resolved = resolveSchema(document, schema);
  if (resolved === undefined) return [`${path} has no schema`];
  if (value === null && schema?.nullable === true) return [];
  if (resolved.enum !== undefined && !resolved.enum.includes(value)) {
    return [`${path} is ${JSON.stringify(value)}, not one of ${JSON.stringify(resolved.enum)}`];
  }
  switch (resolved.type) {
    case 'array':
      if (!Array.isArray(value)) return [`${path} is no array`];
      return value.flatMap((item, index) => mismatches(document, resolved.items, item, `${path}[${index}]`));
    case 'object':
      return objectMismatches(document, resolved, value, path);
    case 'integer':
      return Number.isInteger(value) ? [] : [`${path} is ${JSON.stringify(value)}, no integer`];
    default:
      return typeof value === resolved.type
        ? []
        : [`${path} is ${JSON.stringify(value)}, no ${resolved.type ?? '?'}`];
  }
}

function objectMismatches(document: OpenApi, schema: Schema, value: unknown, path: string): string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [`${path} is no object`];
  const { properties = {}, required = [], additionalProperties = false } = schema;
  const missing = required.filter((name) => !(name in value)).map((name) => `${path}.${name} is missing`);
  return missing.concat(
    Object.entries(value).flatMap(([name, item]) => {
      const property = properties[name] ?? additionalProperties;
      if (property === true) return [];
      if (property === false) return [`${path}.${name} is not documented`];
      return mismatches(document, property, item, `${path}.${name}`);
    }),
  );
}
