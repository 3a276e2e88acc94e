import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { HttpClient } from '../../../../../tools/simulation/delivery/http-client.js';

describe('HttpClient', () => {
  const open: { server: Server; client: HttpClient }[] = [];

  afterEach(async () => {
    for (const { server, client } of open.splice(0)) {
      client.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  });

  async function startClient(listener: RequestListener, timeoutMs = 5_000): Promise<HttpClient> {
    const server = createServer(listener);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const client = new HttpClient(new URL(`http://127.0.0.1:${port}/base/`), 4, timeoutMs);
    open.push({ server, client });
    return client;
  }

  it('keeps the base path, compresses large bodies, and reads Date and Retry-After', async () => {
    const seen: unknown[] = [];
    const client = await startClient((request, response) => {
      seen.push(request.url, request.headers['content-encoding'], request.headers.authorization);
      const date = 'Mon, 10 Mar 2025 00:00:00 GMT';
      response.writeHead(503, { date, 'retry-after': 'Mon, 10 Mar 2025 00:00:07 GMT' }).end('{"a":1}');
    });
    const request = { method: 'POST', path: '/x', gzip: true, token: 't' } as const;
    const outcome = await client.send({ ...request, body: 'x'.repeat(2_000) });
    await client.send({ ...request, body: 'short' });
    expect(outcome).toMatchObject({ kind: 'response', status: 503, body: { a: 1 }, retryAfterMs: 7_000 });
    expect(seen).toEqual(['/base/x', 'gzip', 'Bearer t', '/base/x', undefined, 'Bearer t']);
  });

  it('reports a request that it aborts on purpose and one that times out', async () => {
    const client = await startClient(() => undefined, 100);
    const request = { method: 'GET', path: '/' } as const;
    expect(await client.send({ ...request, abortAfterMs: 5 })).toMatchObject({
      reason: 'aborted',
      mayHaveArrived: true,
    });
    expect(await client.send(request)).toMatchObject({ reason: 'timeout', mayHaveArrived: true });
  });

  it('reports no response when the body breaks off', async () => {
    const client = await startClient((_request, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('{', () => response.destroy());
    });
    expect(await client.send({ method: 'GET', path: '/' })).toMatchObject({
      kind: 'no response',
      mayHaveArrived: true,
    });
  });

  it('reports that a refused connection delivered nothing', async () => {
    const client = new HttpClient(new URL('http://127.0.0.1:1'), 1, 1_000);
    expect(await client.send({ method: 'GET', path: '/' })).toMatchObject({
      reason: 'ECONNREFUSED',
      mayHaveArrived: false,
    });
  });
});
