import {
  Catch,
  HttpException,
  Logger,
  NotFoundException,
  type ArgumentsHost,
  type ExceptionFilter,
} from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { findAllowedMethods } from '../../api/http/allowed-methods.js';
import { logFieldsOf } from '../../api/http/correlate-requests.js';
import { instanceOf, sendProblem, toProblem, toRefusal, type Problem } from '../../api/http/problem.js';
import { ApplicationException } from '../exceptions/application.exception.js';
import type { ErrorCode } from '../exceptions/error-catalogue.js';
import { isServiceException, type ServiceException } from '../exceptions/service-exception.js';
import { OutageLog } from './outage-log.js';

/** Turns every exception into problem+json. Unexpected ones are logged in full and answered without detail. */
@Catch()
export class DomainExceptionFilter implements ExceptionFilter {
  private readonly logger = new Logger(DomainExceptionFilter.name);
  private readonly outages = new OutageLog(this.logger);

  catch(exception: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    const problem = this.describe(exception, request, reply);
    if (problem.status === 401) void reply.header('www-authenticate', challengeFor(problem.code));
    if (exception instanceof ApplicationException && exception.retryAfterSeconds !== undefined) {
      void reply.header('retry-after', exception.retryAfterSeconds);
    }
    void sendProblem(reply, problem);
  }

  private describe(exception: unknown, request: FastifyRequest, reply: FastifyReply): Problem {
    if (isServiceException(exception)) return this.describeOwn(exception, request);
    const instance = instanceOf(request);
    const status = statusOf(exception);
    if (status !== undefined && status >= 400 && status < 500) {
      const methods = exception instanceof NotFoundException ? findAllowedMethods(request) : [];
      if (methods.length === 0) return toRefusal(status, request);
      void reply.header('allow', methods.join(', '));
      return toProblem('method_not_allowed', { instance });
    }
    this.logger.error(
      `${request.method} ${request.routeOptions.url ?? 'unknown route'} failed unexpectedly`,
      exception,
      logFieldsOf(request),
    );
    return toProblem('internal_error', { instance });
  }

  private describeOwn(exception: ServiceException, request: FastifyRequest): Problem {
    const { code, kind, field, message, cause } = exception;
    if (kind === 'unavailable' && cause !== undefined) this.outages.warn(code, cause, logFieldsOf(request));
    const errors = exception instanceof ApplicationException ? exception.errors : undefined;
    return toProblem(code, {
      detail: message,
      instance: instanceOf(request),
      errors: errors ?? (field === undefined ? undefined : [{ field, message }]),
    });
  }
}

function statusOf(exception: unknown): number | undefined {
  if (exception instanceof HttpException) return exception.getStatus();
  if (exception instanceof Error && 'statusCode' in exception && typeof exception.statusCode === 'number') {
    return exception.statusCode;
  }
  return undefined;
}

function challengeFor(code: ErrorCode): string {
  if (code === 'internal_key_invalid') return 'ApiKey realm="internal"';
  return code === 'token_missing' ? 'Bearer' : 'Bearer error="invalid_token"';
}
