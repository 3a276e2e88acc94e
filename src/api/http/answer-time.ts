import type { FastifyInstance } from 'fastify';
import { ANSWER_TIMEOUT_MS } from '../../shared/rules/request-budget.rule.js';
import { startIoTimer, type StartTimer } from '../../shared/utils/timeout.util.js';
import { refuseRequest } from './problem.js';

/**
 * Answers 503 when no answer begins in time, counted from the parsed body. Each wait has a limit of its own; this one
 * bounds their sum. Register it before any hook that waits for a store once the body is parsed.
 */
export function limitAnswerTime(fastify: FastifyInstance, startTimer: StartTimer = startIoTimer): void {
  fastify.addHook('preHandler', (request, reply, done) => {
    const cancel = startTimer(() => {
      // The handler's later answer is ignored, since this one has been sent. A file that is being sent is an answer.
      if (!reply.sent && !reply.raw.headersSent) void refuseRequest(request, reply, 'answer_too_slow');
    }, ANSWER_TIMEOUT_MS);
    reply.raw.once('close', cancel);
    done();
  });
}
