import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';

import { BRUNO_DIRECTORY, brunoCollection } from '../../../tools/docs/bruno-collection.js';
import { readOpenApiDocument } from '../../../tools/docs/openapi-document.js';

const ROOT = join(import.meta.dirname, '../../..', BRUNO_DIRECTORY);
const MADE_ALWAYS = ['bruno.json', 'collection.bru', 'environments/local.bru'];

/** Text of each committed file by its path in the collection. */
let committed: ReadonlyMap<string, string>;

beforeAll(() => {
  const entries = readdirSync(ROOT, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
  committed = new Map(
    paths.map((path) => [path.slice(ROOT.length + 1), readFileSync(path, 'utf8')] as const),
  );
});

describe('the Bruno collection', () => {
  it('is what npm run docs:generate writes, without a file more', async () => {
    const generated = await brunoCollection();
    expect([...committed.keys()].sort()).toEqual([...generated.keys()].sort());
    for (const [path, text] of generated) expect({ path, text: committed.get(path) }).toEqual({ path, text });
  });

  it('has a request for every operation of the OpenAPI document', async () => {
    const { paths } = await readOpenApiDocument();
    const operations = Object.entries(paths).flatMap(([path, { get, post, put, patch, delete: remove }]) =>
      Object.entries({ get, post, put, patch, delete: remove }).flatMap(([method, operation]) =>
        operation === undefined ? [] : [{ id: operation.operationId ?? '', method, path }],
      ),
    );
    const requests = new Map(
      [...committed]
        .filter(([path]) => !MADE_ALWAYS.includes(path))
        .map(([path, text]) => [basename(path, '.bru'), text]),
    );
    expect([...requests.keys()].sort()).toEqual(operations.map(({ id }) => id).sort());
    for (const { id, method, path } of operations)
      expect(requests.get(id)).toMatch(
        new RegExp(`^${method} \\{\\n  url: \\{\\{baseUrl\\}\\}${path}[?\\n]`, 'm'),
      );
  });

  it('holds no token and no key', () => {
    for (const text of committed.values()) expect(text).not.toMatch(/eyJ|token: (?!\{\{token\}\})/);
  });
});
