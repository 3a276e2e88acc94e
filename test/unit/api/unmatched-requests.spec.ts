import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import Fastify, { type FastifyInstance } from 'fastify';

import { BODY_LIMIT_BYTES } from '../../../src/api/http/body-limits.js';
import { refuseUnmatchedRequests } from '../../../src/api/http/unmatched-requests.js';
import { request } from '../../support/http.js';

let fastify: FastifyInstance;
let url: string;

beforeAll(async () => {
  fastify = Fastify({ bodyLimit: BODY_LIMIT_BYTES });
  fastify.addHttpMethod('QUERY', { hasBody: true });
  refuseUnmatchedRequests(fastify);
  fastify.get('/status', () => 'ok');
  url = await fastify.listen({ host: '127.0.0.1', port: 0 });
});

afterAll(() => fastify.close());

const JSON_TYPE = { 'content-type': 'application/json' };
const BODIES = [
  ['no body', {}, ''],
  ['an empty JSON body', JSON_TYPE, ''],
  ['a malformed body', JSON_TYPE, '{'],
  ['a body that names a prototype', JSON_TYPE, '{"__proto__":1}'],
  ['an unknown content type', { 'content-type': 'application/x-unknown' }, '<a/>'],
  ['a body that is too large', JSON_TYPE, JSON.stringify('x'.repeat(BODY_LIMIT_BYTES + 1))],
] as const;

describe.each(BODIES)('a request that no route takes, with %s', (_what, headers, payload) => {
  it.each(['POST', 'PUT', 'PATCH', 'DELETE', 'QUERY'])('is answered by its path: %s', async (method) => {
    const options = { method, headers, ...(payload !== '' && { body: payload }) };
    const known = await request(`${url}/status`, options);
    expect(known).toMatchObject({ status: 405, body: { code: 'method_not_allowed', instance: '/status' } });
    expect(known.headers.get('allow')).toBe('GET');
    const unknown = await request(`${url}/nope`, options);
    expect(unknown).toMatchObject({ status: 404, body: { code: 'route_not_found', instance: '/nope' } });
  });
});

describe('a request that a route takes', () => {
  it('reaches it', async () => {
    expect(await request(`${url}/status`)).toMatchObject({ status: 200, text: 'ok' });
  });
});
