import { EventEmitter } from 'node:events';
import { PassThrough } from 'node:stream';

import { beforeEach, describe, expect, it } from '@jest/globals';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';

import { limitAnswerTime } from '../../../../src/api/http/answer-time.js';
import { sendProblem, toProblem } from '../../../../src/api/http/problem.js';
import {
  ANSWER_TIMEOUT_MS,
  COMMAND_TIMEOUT_MS,
  SHARED_COUNT_TIMEOUT_MS,
} from '../../../../src/shared/rules/request-budget.rule.js';
import { ManualTimers } from '../../../support/manual-timers.js';

const HEADERS_OF_FILE = {
  'cache-control': 'public, max-age=31536000, immutable',
  'content-disposition': 'attachment; filename="dau.csv"',
  'content-encoding': 'gzip',
  etag: 'W/"of-the-file"',
  'last-modified': 'Wed, 15 Jan 2025 00:00:00 GMT',
};

type Hook = (request: FastifyRequest, reply: FastifyReply, done: () => void) => void;

class ReplyStub {
  readonly raw = Object.assign(new EventEmitter(), { headersSent: false });
  readonly headers: Record<string, unknown> = {};
  sent = false;
  readonly request = { id: 'request-1' };
  statusCode = 200;
  body: unknown;

  hasHeader(name: string): boolean {
    return name in this.headers;
  }

  header(name: string, value: unknown): this {
    this.headers[name] = value;
    return this;
  }

  status(code: number): this {
    this.statusCode = code;
    return this;
  }

  type(): this {
    return this;
  }

  send(body: string): this {
    this.sent = true;
    this.body = JSON.parse(body);
    return this;
  }
}

let timers: ManualTimers;
let hook: Hook;

beforeEach(() => {
  timers = new ManualTimers();
  const instance = { addHook: (_name: string, added: Hook) => (hook = added) } as unknown as FastifyInstance;
  limitAnswerTime(instance, timers.start);
});

function begin(): ReplyStub {
  const reply = new ReplyStub();
  let isDone = false;
  hook({ url: '/presence/heartbeat' } as FastifyRequest, reply as unknown as FastifyReply, () => {
    isDone = true;
  });
  expect(isDone).toBe(true);
  return reply;
}

describe('a request that is handled', () => {
  it('gets 503 with the time to wait when it is not answered in time', async () => {
    const reply = begin();
    await timers.advance(ANSWER_TIMEOUT_MS - 1);
    expect(reply.sent).toBe(false);
    await timers.advance(1);
    expect(reply).toMatchObject({
      statusCode: 503,
      body: { code: 'answer_too_slow', requestId: 'request-1' },
    });
    expect(reply.headers['retry-after']).toBeGreaterThan(0);
  });

  it('keeps its own answer', async () => {
    const reply = begin();
    reply.sent = true;
    await timers.advance(ANSWER_TIMEOUT_MS);
    expect(reply.body).toBeUndefined();
  });

  it('is sent to its end when its client reads for longer than the limit', async () => {
    const file = new PassThrough();
    const server = fastify();
    limitAnswerTime(server, timers.start);
    server.get('/file', (_request, reply) => reply.send(file));
    const address = await server.listen({ host: '127.0.0.1', port: 0 });
    try {
      file.write('the beginning, ');
      const answer = await fetch(`${address}/file`);
      await timers.advance(ANSWER_TIMEOUT_MS);
      file.end('the end');
      expect(answer.status).toBe(200);
      expect(await answer.text()).toBe('the beginning, the end');
    } finally {
      await server.close();
    }
  });

  it('gets no header of a file that had not begun when the time was up', async () => {
    const server = fastify();
    limitAnswerTime(server, timers.start);
    server.get('/file', (_request, reply) => {
      setImmediate(() => void timers.advance(ANSWER_TIMEOUT_MS));
      return reply.headers(HEADERS_OF_FILE).send(new PassThrough());
    });
    await expectProblemAlone(server, 503);
  });

  it('gets no header of a file whose first byte could not be read', async () => {
    const server = fastify();
    server.setErrorHandler((_error, _request, reply) => sendProblem(reply, toProblem('internal_error')));
    server.get('/file', (_request, reply) => {
      const file = new PassThrough();
      setImmediate(() => file.destroy(new Error('The file is gone')));
      return reply.headers(HEADERS_OF_FILE).send(file);
    });
    await expectProblemAlone(server, 500);
  });

  async function expectProblemAlone(server: FastifyInstance, status: number): Promise<void> {
    const address = await server.listen({ host: '127.0.0.1', port: 0 });
    try {
      const answer = await fetch(`${address}/file`);
      expect(answer.status).toBe(status);
      expect(await answer.json()).toMatchObject({ status });
      for (const name of Object.keys(HEADERS_OF_FILE).filter((each) => each !== 'cache-control'))
        expect({ name, value: answer.headers.get(name) }).toEqual({ name, value: null });
      expect(answer.headers.get('cache-control')).toBe('no-store');
    } finally {
      await server.close();
    }
  }

  it('leaves no timer once its connection or answer has ended', () => {
    const reply = begin();
    reply.raw.emit('close');
    expect(timers.running).toBe(0);
  });
});

describe('the shares of a request', () => {
  it('fit into two seconds together', () => {
    expect(SHARED_COUNT_TIMEOUT_MS + ANSWER_TIMEOUT_MS).toBeLessThan(2_000);
  });

  it('let a heartbeat wait for the limit of its install, the group in flight and its own', () => {
    expect(SHARED_COUNT_TIMEOUT_MS + 2 * COMMAND_TIMEOUT_MS).toBeLessThan(ANSWER_TIMEOUT_MS);
  });
});
