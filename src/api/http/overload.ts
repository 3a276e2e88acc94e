import type { FastifyReply, FastifyRequest } from 'fastify';
import { ApplicationException } from '../../shared/exceptions/application.exception.js';
import { refuseRequest } from './problem.js';

const OVERLOADED = {
  detail: 'More is being received than the service may hold. Send the same request again later.',
  retryAfterSeconds: 1,
};

export function refuseOverload(request: FastifyRequest, reply: FastifyReply): void {
  void refuseRequest(request, reply, 'overloaded', OVERLOADED);
}

/** Makes the same refusal for the reader of a body. Fastify would answer 400 without `statusCode`. */
export function overloadError(): Error {
  return Object.assign(new ApplicationException('overloaded', OVERLOADED), { statusCode: 503 });
}
