import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { addVary, COMPRESSION } from '../figures/figures-hooks.js';
import { findPage, type PageFile } from './page-files.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Says how long clients may keep a file of the page. */
    readonly cacheControl?: string;
  }
}

export const DASHBOARD_PATH = '/dashboard';
/** Label of the metrics for all files of the page, whose names change with each build. */
const FILES_LABEL = `${DASHBOARD_PATH}/*`;
const DOCUMENT = 'index.html';
const ONE_YEAR = 'public, max-age=31536000, immutable';
/** The document names the other files, so clients ask at each visit whether it has changed. */
const REVALIDATE = 'no-cache';

/**
 * Serves the built page at `/dashboard` and leads there from `/` (docs/adr/0027). Each file has a route of its own,
 * so no request can name another one.
 *
 * @returns false when there is no built page in the directory
 */
export function serveDashboard(fastify: FastifyInstance, directory: string): boolean {
  const files = findPage(directory);
  if (files === null) return false;
  // The scope keeps the decorator of the page apart from the files of the API docs. Waiting for it would start the
  // server: routes that are there by then answer errors as Fastify does, because Nest sets its handler later.
  void fastify.register(async (scope) => {
    await scope.register(fastifyStatic, {
      root: directory,
      serve: false,
      cacheControl: false,
      acceptRanges: false,
      setHeaders: allowCaching,
    });
    for (const file of files) for (const url of addressesOf(file)) serveFile(scope, url, file);
    scope.get('/', (_request, reply) => reply.redirect(DASHBOARD_PATH, 302));
  });
  return true;
}

function serveFile(scope: FastifyInstance, url: string, { name, isImmutable }: PageFile): void {
  const config = {
    metricsRoute: name === DOCUMENT ? DASHBOARD_PATH : FILES_LABEL,
    cacheControl: isImmutable ? ONE_YEAR : REVALIDATE,
  };
  scope.get(url, { config, compress: COMPRESSION }, (_request, reply) => reply.sendFile(name));
}

function addressesOf({ name }: PageFile): string[] {
  return name === DOCUMENT ? [DASHBOARD_PATH, `${DASHBOARD_PATH}/`] : [`${DASHBOARD_PATH}/${name}`];
}

/** Runs for files that exist: an answer 404 must not be kept. */
function allowCaching(reply: FastifyReply): void {
  void reply.header('cache-control', reply.request.routeOptions.config.cacheControl);
  addVary(reply, 'accept-encoding');
}
