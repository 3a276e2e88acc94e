import { HttpException, Logger, type ArgumentsHost } from '@nestjs/common';
import { beforeEach, describe, expect, it } from '@jest/globals';
import {
  ApplicationException,
  dependencyUnavailable,
} from '../../../../src/shared/exceptions/application.exception.js';
import { DomainException } from '../../../../src/shared/exceptions/domain.exception.js';
import type { ErrorCode } from '../../../../src/shared/exceptions/error-catalogue.js';
import { DomainExceptionFilter } from '../../../../src/shared/filters/domain-exception.filter.js';
import { toProblem } from '../../../../src/api/http/problem.js';

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
  readonly problem: Readonly<Record<string, unknown>>;
}

class FakeReply {
  readonly request = { id: 'request-1' };
  readonly headers: Record<string, unknown> = {};
  code = 0;
  contentType = '';
  body = '';

  hasHeader(name: string): boolean {
    return name in this.headers;
  }

  header(name: string, value: unknown): this {
    this.headers[name] = value;
    return this;
  }

  status(code: number): this {
    this.code = code;
    return this;
  }

  type(contentType: string): this {
    this.contentType = contentType;
    return this;
  }

  send(body: string): this {
    this.body = body;
    return this;
  }
}

function answerTo(
  exception: unknown,
  url = '/analytics/dau?startDate=2025-01-01',
  filter = new DomainExceptionFilter(),
): Answer {
  const reply = new FakeReply();
  const request = {
    id: 'request-1',
    work: null,
    method: 'GET',
    url,
    headers: {},
    routeOptions: { url: '/analytics/dau', bodyLimit: 1024 * 1024 },
  };
  const http = { getRequest: () => request, getResponse: () => reply };
  filter.catch(exception, { switchToHttp: () => http } as unknown as ArgumentsHost);
  return {
    status: reply.code,
    type: reply.contentType,
    headers: reply.headers,
    text: reply.body,
    problem: JSON.parse(reply.body) as Record<string, unknown>,
  };
}

class CollectingLogger {
  readonly lines: string[] = [];
  readonly fields: unknown[] = [];
  private readonly collect = (...message: unknown[]): void =>
    void (this.lines.push(message.map(String).join(' ')), this.fields.push(...message));
  log = this.collect;
  warn = this.collect;
  error = this.collect;
}

let logger: CollectingLogger;

beforeEach(() => {
  logger = new CollectingLogger();
  Logger.overrideLogger(logger);
});

describe('DomainExceptionFilter', () => {
  it('answers problem+json of RFC 9457 with a stable code', () => {
    const answer = answerTo(
      new DomainException('user_id_invalid', { detail: 'What is wrong', field: 'userId' }),
    );
    expect(answer.type).toBe('application/problem+json');
    expect(answer.problem).toEqual({
      type: 'urn:problem:analytics-presence:user_id_invalid',
      title: 'Bad Request',
      status: 400,
      detail: 'What is wrong',
      instance: '/analytics/dau',
      code: 'user_id_invalid',
      requestId: 'request-1',
      errors: [{ field: 'userId', message: 'What is wrong' }],
    });
  });

  it.each<[ErrorCode, number, string]>([
    ['user_id_invalid', 400, 'Bad Request'],
    ['token_missing', 401, 'Unauthorized'],
    ['role_missing', 403, 'Forbidden'],
    ['route_not_found', 404, 'Not Found'],
    ['dau_version_conflict', 409, 'Conflict'],
    ['redis_unavailable', 503, 'Service Unavailable'],
  ])('answers %s with %i %s', (code, status, title) => {
    const answer = answerTo(new DomainException(code, { detail: 'Some detail' }));
    expect(answer.status).toBe(status);
    expect(answer.problem).toMatchObject({ status, title, code, detail: 'Some detail' });
  });

  it('names no field when none is at fault', () => {
    expect(answerTo(new DomainException('dau_version_conflict')).problem).not.toHaveProperty('errors');
  });

  it('names each of several fields', () => {
    const errors = [
      { field: 'startDate', message: 'a' },
      { field: 'endDate', message: 'b' },
    ];
    const answer = answerTo(new ApplicationException('request_invalid', { detail: 'a; b', errors }));
    expect(answer.problem['errors']).toEqual(errors);
  });

  describe('an unavailable dependency', () => {
    const cause = new Error('connect ECONNREFUSED 10.0.0.5:5432\nSELECT secret FROM users');

    it('is answered with 503 and Retry-After', () => {
      const answer = answerTo(dependencyUnavailable('database', cause));
      expect(answer.status).toBe(503);
      expect(answer.headers['retry-after']).toBe(2);
      expect(answer.problem['code']).toBe('database_unavailable');
    });

    it('is logged with its cause once for many failed requests', () => {
      const filter = new DomainExceptionFilter();
      for (let n = 0; n < 1000; n++) answerTo(dependencyUnavailable('database', cause), '/', filter);
      answerTo(dependencyUnavailable('redis', new Error('timeout')), '/', filter);
      expect(logger.lines).toHaveLength(2);
      expect(logger.lines[0]).toContain('database_unavailable');
      expect(logger.lines[1]).toContain('redis_unavailable: timeout');
    });

    it('is answered without its cause', () => {
      expect(answerTo(dependencyUnavailable('database', cause)).text).not.toMatch(/ECONNREFUSED|SELECT/);
    });
  });

  describe('challenges', () => {
    it.each<[ErrorCode, string]>([
      ['token_missing', 'Bearer'],
      ['token_expired', 'Bearer error="invalid_token"'],
      ['token_invalid', 'Bearer error="invalid_token"'],
      ['internal_key_invalid', 'ApiKey realm="internal"'],
    ])('%s: %s', (code, challenge) => {
      const answer = answerTo(new ApplicationException(code, { detail: 'x' }));
      expect(answer.headers['www-authenticate']).toBe(challenge);
    });

    it('are sent with 401 alone', () => {
      expect(answerTo(new DomainException('role_missing', { detail: 'x' })).headers).toEqual({
        'cache-control': 'no-store',
      });
    });
  });

  describe('a rejection by the framework', () => {
    it.each([
      [400, 'request_malformed'],
      [404, 'route_not_found'],
      [413, 'body_too_large'],
      [415, 'content_type_unsupported'],
      [418, 'request_refused'],
    ])('with status %i has the code %s', (status, code) => {
      expect(answerTo(new HttpException('words of the framework', status)).problem).toMatchObject({
        status,
        code,
      });
    });

    it('does not repeat the framework’s text, which may contain client data', () => {
      expect(answerTo(new HttpException('Unexpected token s in JSON: secret', 400)).text).not.toContain(
        'secret',
      );
    });

    it('is recognized from an error with a status code, as Fastify throws it', () => {
      const error = Object.assign(new Error('Request body is too large'), { statusCode: 413 });
      expect(answerTo(error).problem).toMatchObject({ status: 413, code: 'body_too_large' });
    });
  });

  describe('an unexpected error', () => {
    const SECRETS = /hunter2|SELECT|db\.internal|stack|\.ts/;

    it.each([
      ['an error', new Error('SELECT password FROM users -- hunter2 at db.internal')],
      ['an error with a status code of 500', Object.assign(new Error('hunter2'), { statusCode: 500 })],
      ['an HTTP exception of 502', new HttpException('hunter2', 502)],
      ['a text', 'hunter2'],
      ['nothing', undefined],
      ['null', null],
    ])('is answered with 500 and no detail: %s', (_, exception) => {
      const answer = answerTo(exception);
      expect(answer.problem).toEqual({
        type: 'urn:problem:analytics-presence:internal_error',
        title: 'Internal Server Error',
        status: 500,
        detail: 'Something went wrong on our side; it has been logged.',
        instance: '/analytics/dau',
        code: 'internal_error',
        requestId: 'request-1',
      });
      expect(answer.text).not.toMatch(SECRETS);
    });

    it('is logged completely, with the request that met it', () => {
      answerTo(new Error('what really happened'));
      expect(logger.fields).toContainEqual({ requestId: 'request-1' });
      expect(logger.lines.join('\n')).toContain('what really happened');
    });
  });

  it('is answered without the query in the instance', () => {
    expect(answerTo(new Error('x'), '/path?token=secret').problem['instance']).toBe('/path');
  });
});

describe('toProblem', () => {
  it('omits the instance without a request', () => {
    expect(toProblem('headers_too_large', { detail: 'x' })).toEqual({
      type: 'urn:problem:analytics-presence:headers_too_large',
      title: 'Request Header Fields Too Large',
      status: 431,
      detail: 'x',
      code: 'headers_too_large',
    });
  });
});
