import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { createServerAdapter, refuseUnparsed } from '../../../../src/api/http/server-adapter.js';
import { UnreadAnswers } from '../../../../src/api/http/unread-answers.js';
import type { HttpConfig } from '../../../../src/config/http.config.js';

let server: Server;
let client: Socket;
let accepted: Socket;
let received: string;

beforeEach(async () => {
  server = createServer((request, response) => {
    if (request.url === '/begun') response.writeHead(200, { 'content-length': 1_000 }).write('the beginning');
  });
  server.on('clientError', (error: Error & { code: string }, socket: Socket) => {
    refuseUnparsed(error, socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  server.on('connection', (socket) => (accepted = socket));
  const { port } = server.address() as AddressInfo;
  client = connect({ host: '127.0.0.1', port, allowHalfOpen: true });
  received = '';
  client.on('data', (chunk: Buffer) => (received += String(chunk)));
  client.on('error', () => undefined);
});

afterEach(async () => {
  client.destroy();
  server.close();
  await once(server, 'close');
});

describe('what Node cannot parse', () => {
  it('is answered with a problem', async () => {
    client.write('HELLO\r\n\r\n');
    await once(client, 'end');
    expect(received).toMatch(/^HTTP\/1\.1 400 /);
    expect(received).toContain('"code":"request_malformed"');
  });

  it('ends a connection within an answer that has begun, without a byte more', async () => {
    client.write('GET /begun HTTP/1.1\r\nHost: x\r\n\r\n');
    while (!received.includes('the beginning')) await once(client, 'data');
    client.write('HELLO\r\n\r\n');
    await once(client, 'end');
    expect(received).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(received).toMatch(/the beginning$/);
  });

  it('ends a connection whose client goes on after the answer', async () => {
    client.write('HELLO\r\n\r\n');
    await once(client, 'end');
    const closed = once(accepted, 'close');
    client.write('x');
    await closed;
  });
});

describe('requests that meet no hook', () => {
  it.each([
    ['a malformed address', 'GET /% HTTP/1.1\r\n\r\n'],
    ['an unknown expectation', 'GET / HTTP/1.1\r\nExpect: x\r\n\r\n'],
  ])('close a connection whose earlier request is unanswered: %s', async (_name, request) => {
    const answers = new UnreadAnswers(1024 * 1024);
    const fastify = createServerAdapter(
      { trustedProxies: [] } as unknown as HttpConfig,
      answers,
    ).getInstance();
    fastify.get('/unanswered', () => new Promise(() => undefined));
    await fastify.listen({ port: 0, host: '127.0.0.1' });
    const { port } = fastify.server.address() as AddressInfo;
    const sender = connect({ host: '127.0.0.1', port });
    sender.on('error', () => undefined);
    try {
      sender.write(`GET /unanswered HTTP/1.1\r\nHost: x\r\n\r\n${request.repeat(100)}`);
      await once(sender, 'close');
      expect(answers.heldBytes).toBe(0);
    } finally {
      sender.destroy();
      await fastify.close();
    }
  });
});
