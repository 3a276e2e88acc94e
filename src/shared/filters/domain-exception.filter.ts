import {
  Catch,
  HttpException,
  Logger,
  MethodNotAllowedException,
  NotFoundException,
  type ArgumentsHost,
  type ExceptionFilter,
} from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { STATUS_CODES } from 'node:http';
import { ApplicationException, type FieldError } from '../exceptions/application.exception.js';
import { DomainException, type ExceptionKind } from '../exceptions/domain.exception.js';

const STATUS_OF_KIND: Readonly<Record<ExceptionKind, number>> = {
  invalid: 400,
  unauthenticated: 401,
  forbidden: 403,
  'not-found': 404,
  conflict: 409,
  unavailable: 503,
};

/** What the framework refuses before any of our code runs. */
const CODE_OF_STATUS: Readonly<Record<number, string>> = {
  400: 'request_malformed',
  404: 'route_not_found',
  405: 'method_not_allowed',
  413: 'body_too_large',
  415: 'content_type_unsupported',
};

const DETAIL_OF_STATUS: Readonly<Record<number, string>> = {
  400: 'The body is not what its Content-Type and Content-Encoding say: send valid JSON.',
  404: 'There is no such route. GET /api/docs lists those there are.',
  405: 'The route is there, but not by this method; the header Allow names those it has.',
  413: 'The body is larger than this route accepts. Send smaller batches.',
  415: 'Send the body as application/json, plain or with Content-Encoding: gzip.',
};

const WARN_EVERY_MS = 10_000;

/** RFC 9457. */
interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly instance: string;
  /** Stable; clients may branch on it. */
  readonly code: string;
  readonly errors?: readonly FieldError[];
}

/** Turns whatever is thrown into problem+json. What we did not expect is logged in full and told in no detail. */
@Catch()
export class DomainExceptionFilter implements ExceptionFilter {
  private readonly logger = new Logger(DomainExceptionFilter.name);
  private readonly warnings = new Map<string, { readonly atMs: number; unsaid: number }>();

  catch(exception: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    const methods = exception instanceof NotFoundException ? methodsOf(request) : [];
    const { status, code, detail, errors } = this.describe(
      methods.length > 0 ? new MethodNotAllowedException() : exception,
      request,
    );
    if (methods.length > 0) void reply.header('allow', methods.join(', '));
    const problem: Problem = {
      type: `urn:problem:analytics-presence:${code}`,
      title: STATUS_CODES[status] ?? 'Error',
      status,
      detail,
      instance: request.url.split('?')[0] ?? '/',
      code,
      ...(errors !== undefined && { errors }),
    };
    if (status === 401) void reply.header('www-authenticate', challenge(code));
    if (exception instanceof ApplicationException && exception.retryAfterSeconds !== undefined) {
      void reply.header('retry-after', exception.retryAfterSeconds);
    }
    void reply.status(status).type('application/problem+json').send(JSON.stringify(problem));
  }

  /** An outage fails thousands of requests for one reason: one line tells it, every ten seconds. */
  private warnOfOutage(code: string, cause: unknown): void {
    const nowMs = performance.now();
    const last = this.warnings.get(code);
    if (last !== undefined && nowMs - last.atMs < WARN_EVERY_MS) {
      last.unsaid++;
      return;
    }
    const unsaid =
      last === undefined || last.unsaid === 0 ? '' : ` (and ${last.unsaid} more requests before)`;
    this.logger.warn(`${code}: ${firstLine(cause)}${unsaid}`);
    this.warnings.set(code, { atMs: nowMs, unsaid: 0 });
  }

  private describe(
    exception: unknown,
    request: FastifyRequest,
  ): Pick<Problem, 'status' | 'code' | 'detail' | 'errors'> {
    if (exception instanceof DomainException) {
      const errors = exception instanceof ApplicationException ? exception.errors : undefined;
      const { field, message } = exception;
      const named = errors ?? (field === undefined ? undefined : [{ field, message }]);
      if (exception.kind === 'unavailable' && exception.cause !== undefined) {
        this.warnOfOutage(exception.code, exception.cause);
      }
      return {
        status: STATUS_OF_KIND[exception.kind],
        code: exception.code,
        detail: message,
        ...(named !== undefined && { errors: named }),
      };
    }
    const status = statusOf(exception);
    if (status !== undefined && status >= 400 && status < 500) {
      return {
        status,
        code: CODE_OF_STATUS[status] ?? 'request_refused',
        detail: DETAIL_OF_STATUS[status] ?? STATUS_CODES[status] ?? 'The request was refused.',
      };
    }
    this.logger.error(
      `${request.method} ${request.routeOptions.url ?? 'unknown route'} failed unexpectedly`,
      exception,
    );
    return {
      status: 500,
      code: 'internal_error',
      detail: 'Something went wrong on our side; it has been logged.',
    };
  }
}

/** A problem for where there is no exception to speak of. */
export function problemText(status: number, code: string, detail: string, instance?: string): string {
  const type = `urn:problem:analytics-presence:${code}`;
  return JSON.stringify({ type, title: STATUS_CODES[status] ?? 'Error', status, detail, instance, code });
}

/** By which methods the path is there. */
function methodsOf(request: FastifyRequest): string[] {
  const url = request.url.split('?')[0] ?? '/';
  // To the router such a path would be a pattern, with a regular expression of the client's.
  if (!/^[\w/.-]+$/.test(url)) return [];
  return ['GET', 'POST'].filter((method) => request.server.hasRoute({ method, url }));
}

function statusOf(exception: unknown): number | undefined {
  if (exception instanceof HttpException) return exception.getStatus();
  if (exception instanceof Error && 'statusCode' in exception && typeof exception.statusCode === 'number') {
    return exception.statusCode;
  }
  return undefined;
}

function challenge(code: string): string {
  if (code === 'internal_key_invalid') return 'ApiKey realm="internal"';
  return code === 'token_missing' ? 'Bearer' : 'Bearer error="invalid_token"';
}

/** Prisma's messages show the statement on further lines. */
function firstLine(cause: unknown): string {
  const message = cause instanceof Error ? cause.message : String(cause);
  return (
    message
      .split('\n')
      .findLast((line) => line.trim() !== '')
      ?.trim() ?? 'unknown cause'
  );
}
