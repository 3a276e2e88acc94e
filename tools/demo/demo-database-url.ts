import { findEmbeddedUrl } from '../../src/infrastructure/embedded/find-embedded-url.js';
import { DemoError } from './demo-service.js';

/** Takes the place of the port of a server that does not run. */
const NO_PORT = 0;

/**
 * Returns the address of the demo's own running database. An empty one would lead to the server of PGHOST or localhost.
 *
 * @throws DemoError when its password or its port is not known
 */
export function demoDatabaseUrl(directory: string): string {
  const url = findEmbeddedUrl({ directory, port: NO_PORT });
  if (url !== undefined && new URL(url).port !== String(NO_PORT)) return url;
  throw new DemoError(
    `The address of the demo's database is not known: ${directory} has ` +
      `${url === undefined ? 'no owner-password' : 'no postmaster.pid with a port'}. ` +
      'Nothing was written; stop the demo and start it with npm run demo -- --fresh',
  );
}
