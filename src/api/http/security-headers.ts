import cors from '@fastify/cors';
import type { FastifyInstance } from 'fastify';
import type { HttpConfig } from '../../config/http.config.js';

/** Headers of every answer, including those that no hook sees. */
export const EARLY_HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none';frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};
/** Headers for answers that programs read (OWASP, REST Security Cheat Sheet). */
const HEADERS = {
  ...EARLY_HEADERS,
  'cross-origin-resource-policy': 'same-origin',
  'strict-transport-security': 'max-age=31536000; includeSubDomains',
  'x-frame-options': 'DENY',
};

/** The page of the API docs has its own scripts and styles, some of them inline. */
const DOCS = /^\/api\/docs(?:$|[/?])/;
const DOCS_HEADERS = {
  ...HEADERS,
  'content-security-policy':
    "default-src 'none';script-src 'self' 'unsafe-inline';style-src 'self' 'unsafe-inline';" +
    "img-src 'self' data:;connect-src 'self';frame-ancestors 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'origin-agent-cluster': '?1',
};

/** The page loads its own files alone, asks this service alone, and turns no text into markup or scripts. */
const PAGE = /^\/dashboard(?:$|[/?])/;
const PAGE_HEADERS = {
  ...DOCS_HEADERS,
  'content-security-policy':
    "default-src 'none';script-src 'self';style-src 'self';img-src 'self' data:;font-src 'self';" +
    "connect-src 'self';base-uri 'none';form-action 'none';frame-ancestors 'none';" +
    "require-trusted-types-for 'script';trusted-types 'none'",
  'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
};

/**
 * Forbids browsers to frame, sniff, cache or run answers. CORS is off unless origins are configured.
 * Register it before any hook that answers.
 */
export async function addSecurityHeaders(
  fastify: FastifyInstance,
  { corsOrigins }: HttpConfig,
): Promise<void> {
  fastify.addHook('onRequest', (request, reply, done) => {
    void reply.headers(headersFor(request.url));
    done();
  });
  if (corsOrigins.length === 0) return;
  await fastify.register(cors, {
    origin: [...corsOrigins],
    methods: ['GET', 'POST'],
    allowedHeaders: [
      ...['Authorization', 'Content-Type', 'Content-Encoding', 'If-None-Match', 'Last-Event-ID'],
      ...['X-Request-Id', 'traceparent'],
    ],
    exposedHeaders: [
      ...['Retry-After', 'RateLimit-Limit', 'RateLimit-Remaining', 'RateLimit-Reset'],
      ...['ETag', 'Content-Disposition', 'X-Request-Id'],
    ],
    maxAge: 600,
    // Leaves an OPTIONS request that is not a preflight to the router.
    strictPreflight: false,
  });
}

function headersFor(url: string): Readonly<Record<string, string>> {
  if (PAGE.test(url)) return PAGE_HEADERS;
  return DOCS.test(url) ? DOCS_HEADERS : HEADERS;
}
