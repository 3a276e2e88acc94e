import { beforeAll, describe, expect, it } from '@jest/globals';
import createClient from 'openapi-fetch';

import { SAMPLE_CALLS, type Answer, type Api } from '../../../../clients/openapi/sample-calls.js';
import type { paths } from '../../../../clients/openapi/schema.js';
import { readOpenApiDocument } from '../../../../tools/docs/openapi-document.js';

/** Route of each operation, such as `GET /live`, by its id. */
let routes: ReadonlyMap<string, string>;

beforeAll(async () => {
  const { paths: documented } = await readOpenApiDocument();
  routes = new Map(
    Object.entries(documented).flatMap(([path, methods]) =>
      (['get', 'post', 'put', 'patch', 'delete'] as const).flatMap((method) => {
        const operation = methods[method];
        return operation === undefined
          ? []
          : [[operation.operationId ?? '', `${method.toUpperCase()} ${path}`] as const];
      }),
    ),
  );
});

describe('clients/openapi', () => {
  it('has a call for every operation of the OpenAPI document', () => {
    expect(Object.keys(SAMPLE_CALLS).sort()).toEqual([...routes.keys()].sort());
  });

  it('calls the route of each operation', async () => {
    const called = new Map<string, string>();
    for (const [id, call] of Object.entries<(api: Api) => Promise<Answer>>(SAMPLE_CALLS)) {
      const api = createClient<paths>({
        baseUrl: 'http://service.test',
        fetch: ({ method, url }) => {
          called.set(id, `${method} ${new URL(url).pathname}`);
          return Promise.resolve(Response.json({}));
        },
      });
      await call(api);
    }
    expect(called).toEqual(routes);
  });
});
