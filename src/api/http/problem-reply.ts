import type { FastifyReply, FastifyRequest } from 'fastify';
import { problemText } from '../../shared/filters/domain-exception.filter.js';

/** Answers with a problem before there is a handler to throw one. */
export function replyWithProblem(
  request: FastifyRequest,
  reply: FastifyReply,
  problem: {
    readonly status: number;
    readonly code: string;
    readonly detail: string;
    readonly retryAfterSeconds?: number;
  },
): FastifyReply {
  const { status, code, detail, retryAfterSeconds } = problem;
  if (retryAfterSeconds !== undefined) void reply.header('retry-after', retryAfterSeconds);
  return reply
    .status(status)
    .type('application/problem+json')
    .send(problemText(status, code, detail, request.url.split('?')[0]));
}
