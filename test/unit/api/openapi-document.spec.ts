import { beforeAll, describe, expect, it } from '@jest/globals';

import { readOpenApiDocument } from '../../../tools/docs/openapi-document.js';

interface Node {
  readonly [key: string]: unknown;
}

interface Answer extends Node {
  readonly description?: string;
  readonly headers?: Node;
}

interface Operation extends Node {
  readonly operationId: string;
  readonly summary?: string;
  readonly tags?: readonly string[];
  readonly parameters?: readonly (Node & { readonly name?: string; readonly required?: boolean })[];
  readonly responses: Readonly<Record<string, Answer>>;
}

interface Place {
  readonly at: string;
  readonly node: Node;
}

const CHINESE = /\p{Script=Han}/u;
const ENGLISH = /[a-z]{2}/;
const UNLIMITED = new Set(['getLiveness', 'getReadiness', 'getMetrics']);

let document: Node & { readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>> };
let all: readonly (readonly [route: string, operation: Operation])[];
let places: readonly Place[];

/** Lists every object of the document with the way to it; examples are values, not parts. */
function walk(value: unknown, at: string): Place[] {
  if (typeof value !== 'object' || value === null) return [];
  const own = Array.isArray(value) ? [] : [{ at, node: value as Node }];
  const parts = Object.entries(value).filter(([key]) => key !== 'example' && key !== 'examples');
  return own.concat(parts.flatMap(([key, part]) => walk(part, `${at}/${key}`)));
}

beforeAll(async () => {
  document = JSON.parse(JSON.stringify(await readOpenApiDocument())) as typeof document;
  all = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => [`${method} ${path}`, operation] as const),
  );
  places = walk(document, '');
});

/** Returns the routes whose operation breaks a rule. */
function routesWhere(breaks: (operation: Operation) => boolean): string[] {
  return all.filter(([, operation]) => breaks(operation)).map(([route]) => route);
}

describe('every operation of the OpenAPI document', () => {
  it('has an id that generators can make a function of, once', () => {
    expect(routesWhere(({ operationId }) => !/^[a-z][A-Za-z]+$/.test(operationId))).toEqual([]);
    expect(new Set(all.map(([, { operationId }]) => operationId)).size).toBe(all.length);
    expect(all.length).toBeGreaterThan(20);
  });

  it('has one tag, which the document describes', () => {
    const described = (document['tags'] as readonly { name: string; description?: string }[])
      .filter(({ description = '' }) => CHINESE.test(description))
      .map(({ name }) => name);
    expect(routesWhere(({ tags = [] }) => tags.length !== 1 || !described.includes(tags[0]!))).toEqual([]);
  });

  it('says that it may fail on our side, and that an instance may be stopping', () => {
    const missing = (status: string, code: string) => (operation: Operation) =>
      !(operation.responses[status]?.description ?? '').includes(code);
    expect(routesWhere(missing('500', '`internal_error`'))).toEqual([]);
    expect(routesWhere(missing('503', '`shutting_down`'))).toEqual([]);
  });

  it('describes every answer, and a good one in both languages', () => {
    const undescribed = ({ responses }: Operation): boolean =>
      Object.entries(responses).some(([status, { description = '' }]) =>
        status < '400'
          ? !CHINESE.test(description) || !ENGLISH.test(description)
          : !/`\w+`/.test(description),
      );
    expect(routesWhere(undescribed)).toEqual([]);
  });

  it('names the headers of its answers', () => {
    const lacks = ({ responses }: Operation, statuses: readonly string[], header: string): boolean =>
      statuses.some(
        (status) => responses[status] !== undefined && !(header in (responses[status].headers ?? {})),
      );
    expect(routesWhere((operation) => lacks(operation, ['429', '503'], 'Retry-After'))).toEqual([]);
    expect(
      routesWhere((operation) => '304' in operation.responses && lacks(operation, ['200', '304'], 'ETag')),
    ).toEqual([]);
    expect(
      routesWhere((operation) => lacks(operation, Object.keys(operation.responses), 'X-Request-Id')),
    ).toEqual([]);
    for (const header of ['RateLimit-Limit', 'RateLimit-Remaining', 'RateLimit-Reset'])
      expect(
        routesWhere(
          (operation) =>
            !UNLIMITED.has(operation.operationId) && lacks(operation, ['200', '400', '429'], header),
        ),
      ).toEqual([]);
  });

  it('fills in no parameter that a request may leave out, so that all that is filled in goes together', () => {
    const filled = ({ parameters = [] }: Operation): boolean =>
      parameters.some(({ required, example, examples, schema }) =>
        required === true
          ? false
          : [example, examples, (schema as Node | undefined)?.['example']].some(Boolean),
      );
    expect(routesWhere(filled)).toEqual([]);
  });
});

describe('every schema of the OpenAPI document', () => {
  /** Returns the places of schemas of a type that break a rule. */
  const schemasWhere = (breaks: (schema: Node) => boolean): string[] =>
    places.filter(({ node }) => typeof node['type'] === 'string' && breaks(node)).map(({ at }) => at);

  it('says of a number whether it is whole', () => {
    expect(schemasWhere(({ type, format }) => type === 'number' && format !== 'double')).toEqual([]);
  });

  it('says of a switch that it is a boolean', () => {
    const isSwitch = ({ enum: values }: Node): boolean =>
      Array.isArray(values) && values.every((value) => String(value) === 'true' || String(value) === 'false');
    expect(schemasWhere(isSwitch)).toEqual([]);
  });

  it('says of a text whether it is a day or an instant', () => {
    const formatOf = (example: unknown): string | undefined => {
      if (typeof example !== 'string') return undefined;
      if (/^\d{4}-\d\d-\d\d$/.test(example)) return 'date';
      return /^\d{4}-\d\d-\d\dT/.test(example) ? 'date-time' : undefined;
    };
    expect(
      schemasWhere(({ type, format, example }) => {
        const expected = formatOf(example);
        return type === 'string' && expected !== undefined && format !== expected;
      }),
    ).toEqual([]);
  });

  it('has an example that fits its own bounds', () => {
    const unfit = ({ pattern, minimum = -Infinity, maximum = Infinity, example }: Node): boolean =>
      (typeof example === 'string' &&
        typeof pattern === 'string' &&
        !new RegExp(pattern, 'u').test(example)) ||
      (typeof example === 'number' && (example < (minimum as number) || example > (maximum as number)));
    expect(schemasWhere(unfit)).toEqual([]);
  });

  it('lists the codes of errors under names of their own', () => {
    const schemas = (document['components'] as Node)['schemas'] as Readonly<Record<string, Node>>;
    for (const name of ['ErrorCode', 'EventErrorCode'])
      expect((schemas[name]?.['enum'] as readonly string[]).length).toBeGreaterThan(10);
  });
});

describe('the texts of the OpenAPI document', () => {
  it('are in English and Chinese wherever there is a description, apart from lists of codes', () => {
    const single = places.filter(({ node: { description, summary } }) =>
      [description, summary].some(
        (text) => typeof text === 'string' && !/^`\w+`(, `\w+`)*$/.test(text) && !CHINESE.test(text),
      ),
    );
    expect(single.map(({ at }) => at)).toEqual([]);
  });

  it('name where the service is', () => {
    expect(document['servers']).toEqual([{ url: '/', description: expect.stringMatching(CHINESE) }]);
  });
});
