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
  readonly description?: string;
  readonly operationId?: string;
  readonly tags?: readonly string[];
  /** A parameter that many operations share is a reference without a name. */
  readonly parameters?: readonly {
    readonly name?: string;
    readonly in?: string;
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

/** The request that the page of the API docs sends before anybody changes a field. */
export interface PrefilledRequest {
  readonly query: readonly (readonly [name: string, value: string])[];
  /** undefined where a request has none */
  readonly body: unknown;
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

export function prefilledRequest(document: OpenApi, operation: NamedOperation): PrefilledRequest {
  const query = (operation.parameters ?? []).flatMap(({ name, in: place, schema, example }) => {
    const value = example ?? schema?.example ?? schema?.default;
    return place === 'query' && name !== undefined && value !== undefined
      ? [[name, `${value as string | number}`] as const]
      : [];
  });
  const media = operation.requestBody?.content?.['application/json'];
  const [named] = Object.values(media?.examples ?? {});
  return { query, body: named?.value ?? exampleOf(document, media?.schema) };
}

/** Follows the reference of a schema to the schema itself. */
export function resolveSchema(document: OpenApi, schema: Schema | undefined): Schema | undefined {
  const reference = schema?.$ref ?? (schema?.allOf?.length === 1 ? schema.allOf[0]?.$ref : undefined);
  if (reference === undefined) return schema;
  return document.components.schemas[reference.replace('#/components/schemas/', '')];
}

function exampleOf(document: OpenApi, schema: Schema | undefined): unknown {
  const resolved = resolveSchema(document, schema);
  if (resolved?.items !== undefined && schema?.example === undefined)
    return [exampleOf(document, resolved.items)];
  if (schema?.example !== undefined || resolved?.properties === undefined) return schema?.example;
  return Object.fromEntries(
    Object.entries(resolved.properties).map(([name, property]) => [name, exampleOf(document, property)]),
  );
}
