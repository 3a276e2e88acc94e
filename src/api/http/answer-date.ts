import type { FastifyInstance } from 'fastify';
import type { IClock } from '../../application/ports/clock.port.js';

/** Dates answers by the clock of all replicas: the page asks for days by it, and this machine's clock may be off. */
export function dateAnswers(fastify: FastifyInstance, clock: Pick<IClock, 'now'>): void {
  let second = NaN;
  let date = '';
  fastify.addHook('onRequest', (_request, reply, done) => {
    const nowMs = clock.now().getTime();
    if (Math.floor(nowMs / 1000) !== second) {
      second = Math.floor(nowMs / 1000);
      date = new Date(nowMs).toUTCString();
    }
    void reply.header('date', date);
    done();
  });
}
