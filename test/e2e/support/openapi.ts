/** The subset of OpenAPI 3.0 that the service uses. */
export interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, Schema>>;
    readonly securitySchemes: Readonly<Record<string, unknown>>;
  };
}

export interface Operation {
  readonly summary?: string;
  readonly operationId?: string;
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly required?: boolean;
    readonly example?: unknown;
    readonly schema?: Schema;
  }[];
  readonly requestBody?: { readonly content?: Content };
  readonly responses: Readonly<Record<string, { readonly content?: Content }>>;
  readonly security?: readonly Readonly<Record<string, unknown>>[];
}

export type Content = Readonly<
  Record<
    string,
    {
      readonly schema?: Schema;
      readonly example?: unknown;
      readonly examples?: Readonly<Record<string, { readonly value: unknown }>>;
    }
  >
>;

export interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly nullable?: boolean;
  readonly enum?: readonly unknown[];
  readonly example?: unknown;
  readonly default?: unknown;
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly allOf?: readonly Schema[];
}

export interface NamedOperation extends Operation {
  /** such as `GET /analytics/dau` */
  readonly name: string;
  readonly method: string;
  readonly path: string;
}

export function operations(document: OpenApi): NamedOperation[] {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      ...operation,
      name: `${method.toUpperCase()} ${path}`,
      method: method.toUpperCase(),
      path,
    })),
  );
}

/** Returns the request that the page of the API docs sends before anybody changes a field. */
export function prefilledRequest(
  document: OpenApi,
  operation: NamedOperation,
): { path: string; body: unknown } {
  const query = new URLSearchParams();
  for (const {
    name,
    in: place,
    schema,
    example = schema?.example ?? schema?.default,
  } of operation.parameters ?? [])
    if (place === 'query' && example !== undefined) query.set(name, `${example as string | number}`);
  const media = operation.requestBody?.content?.['application/json'];
  const [named] = Object.values(media?.examples ?? {});
  return {
    path: `${operation.path}?${query.toString()}`,
    body: named?.value ?? exampleOf(document, media?.schema),
  };
}

function exampleOf(document: OpenApi, schema: Schema | undefined): unknown {
  const resolved = resolve(document, schema);
  if (resolved?.items !== undefined && schema?.example === undefined)
    return [exampleOf(document, resolved.items)];
  if (schema?.example !== undefined || resolved?.properties === undefined) return schema?.example;
  return Object.fromEntries(
    Object.entries(resolved.properties).map(([name, property]) => [name, exampleOf(document, property)]),
  );
}

/** The paths of all that has neither an example of its own nor examples in all its parts. */
export function withoutExample(document: OpenApi, schema: Schema | undefined, path: string): string[] {
  const resolved = resolve(document, schema);
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
  const resolved = resolve(document, schema);
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

function resolve(document: OpenApi, schema: Schema | undefined): Schema | undefined {
  const reference = schema?.$ref ?? (schema?.allOf?.length === 1 ? schema.allOf[0]?.$ref : undefined);
  if (reference === undefined) return schema;
  return document.components.schemas[reference.replace('#/components/schemas/', '')];
}
