import { fileURLToPath } from 'node:url';
import { Logger, type INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { dateAnswers } from './api/http/answer-date.js';
import { limitAnswerTime } from './api/http/answer-time.js';
import { limitBodies } from './api/http/body-limits.js';
import { serveDashboard } from './api/http/dashboard/serve-dashboard.js';
import { callDirectly } from './api/http/direct-calls.js';
import { registerCompression, validateFigures } from './api/http/figures/figures-hooks.js';
import { serveApiDocs } from './api/http/openapi.js';
import { logAccess } from './api/http/access-log.js';
import { correlateRequests } from './api/http/correlate-requests.js';
import { endStreamsOnClose, LiveStreams } from './api/http/live/live-streams.js';
import { limitRequests } from './api/http/rate-limits.js';
import {
  measureRequests,
  normalizeContentEncoding,
  refuseAmbiguousHosts,
  refuseWhileClosing,
} from './api/http/request-hooks.js';
import { addSecurityHeaders } from './api/http/security-headers.js';
import { createServerAdapter } from './api/http/server-adapter.js';
import { refuseUnmatchedRequests } from './api/http/unmatched-requests.js';
import { countAnswers, UnreadAnswers } from './api/http/unread-answers.js';
import { AppModule } from './app.module.js';
import { BACKGROUND_WORK, type BackgroundWork } from './application/ports/background-work.port.js';
import { CLOCK, type IClock } from './application/ports/clock.port.js';
import { TRACER, type ITracer } from './application/ports/tracer.port.js';
import { RATE_LIMIT_STORE, type RateLimitStore } from './application/ports/rate-limit-store.port.js';
import { SHUTDOWN_NOTICE, type IShutdownNotice } from './application/ports/shutdown-notice.port.js';
import type { ReadyConfiguration } from './config/configuration.js';
import { AppLogger } from './logger.js';

/** Directory of the page that `npm run build` makes, seen from the compiled service. */
const PAGE_DIRECTORY = fileURLToPath(new URL('../../dist/web', import.meta.url));

/** Assembles the application without listening, for `main.ts` and for end-to-end tests. Hooks run in this order. */
export async function createApp(
  config: ReadyConfiguration,
  logger = new AppLogger(config.app),
): Promise<NestFastifyApplication> {
  const answers = new UnreadAnswers();
  const adapter = createServerAdapter(config.http, answers);
  const fastify = adapter.getInstance();
  normalizeContentEncoding(fastify);
  measureRequests(fastify);
  const app = await NestFactory.create<NestFastifyApplication>(
    AppModule.register(config, { role: 'service' }),
    adapter,
    { bodyParser: false, abortOnError: false, logger },
  );
  correlateRequests(fastify, app.get<ITracer>(TRACER, { strict: false }));
  if (config.http.accessLog) logAccess(fastify);
  await addSecurityHeaders(fastify, config.http);
  dateAnswers(fastify, app.get<IClock>(CLOCK, { strict: false }));
  refuseWhileClosing(fastify);
  refuseAmbiguousHosts(fastify);
  const store = app.get<RateLimitStore | null>(RATE_LIMIT_STORE, { strict: false });
  limitAnswerTime(fastify);
  await limitRequests(fastify, config.http.limits, store);
  refuseUnmatchedRequests(fastify);
  validateFigures(fastify);
  countAnswers(fastify, answers);
  await registerCompression(fastify);
  limitBodies(fastify);
  callDirectly(fastify, app);
  endStreamsOnClose(fastify, app.get(LiveStreams, { strict: false }));
  serveApiDocs(app, config.http.docsShowInternal);
  if (config.http.dashboard && !serveDashboard(fastify, PAGE_DIRECTORY)) warnOfMissingPage();
  return app;
}

/** Goes on without the page: events are received whether or not anybody can look at them. */
function warnOfMissingPage(): void {
  new Logger('Dashboard').warn(
    'The page at /dashboard is not built, so it answers 404. Run "npm run build", or set DASHBOARD=false.',
  );
}

/** Starts jobs, relay and consumer. Call it once the application listens. */
export function startWork(app: INestApplicationContext): void {
  const lists = app.get<BackgroundWork[], BackgroundWork[]>(BACKGROUND_WORK, { strict: false, each: true });
  for (const work of lists.flat()) work.startWork();
}

/** Makes the readiness fail while everything is still served. */
export function announceShutdown(app: INestApplicationContext): void {
  app.get<IShutdownNotice>(SHUTDOWN_NOTICE, { strict: false }).announce();
}
