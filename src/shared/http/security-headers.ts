import helmet from '@fastify/helmet';
import cors from '@fastify/cors';
import type { FastifyInstance } from 'fastify';
import type { HttpConfig } from '../../config/http.config.js';

/** The page of the API docs brings its own scripts and styles, some of them inline. */
const DOCS = /^\/api\/docs(?:$|[/?])/;
const DOCS_POLICY = {
  directives: {
    defaultSrc: ["'none'"],
    scriptSrc: ["'self'", "'unsafe-inline'"],
    styleSrc: ["'self'", "'unsafe-inline'"],
    imgSrc: ["'self'", 'data:'],
    connectSrc: ["'self'"],
    frameAncestors: ["'none'"],
  },
  useDefaults: false,
} as const;

/** Answers are data for programs: nothing may frame, sniff, cache or run them. CORS is off unless origins are named. */
export async function guardAnswers(fastify: FastifyInstance, { corsOrigins }: HttpConfig): Promise<void> {
  await fastify.register(helmet, {
    global: true,
    contentSecurityPolicy: {
      directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
      useDefaults: false,
    },
    referrerPolicy: { policy: 'no-referrer' },
  });
  fastify.addHook('onRequest', (request, reply, done) => {
    void reply.header('cache-control', 'no-store');
    if (DOCS.test(request.url)) void reply.helmet({ contentSecurityPolicy: DOCS_POLICY as never });
    done();
  });
  if (corsOrigins.length === 0) return;
  await fastify.register(cors, {
    origin: [...corsOrigins],
    methods: ['GET', 'POST'],
    allowedHeaders: ['Authorization', 'Content-Type', 'Content-Encoding'],
    exposedHeaders: ['Retry-After', 'RateLimit-Limit', 'RateLimit-Remaining', 'RateLimit-Reset'],
    maxAge: 600,
    // An OPTIONS that is no preflight is a method like any other.
    strictPreflight: false,
  });
}
