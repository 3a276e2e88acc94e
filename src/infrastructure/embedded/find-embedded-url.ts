import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseConfig } from '../../config/database.config.js';

/** The login of the service may add events and not change them, and owns no table. */
const SERVICE_ROLE = 'analytics_embedded_service';
/** `postmaster.pid` holds the TCP port in this line, counted from 0. */
const PORT_LINE = 3;

/**
 * Returns the URL of the embedded database as the service connects to it. Starts no server.
 *
 * @returns undefined when the data directory holds no database, as before the first start
 */
export function findEmbeddedUrl({ directory, port }: DatabaseConfig['embedded']): string | undefined {
  const password = readText(join(directory, 'owner-password'))?.trim();
  if (password === undefined) return undefined;
  const runningPort = readText(join(directory, 'postmaster.pid'))?.split('\n').at(PORT_LINE)?.trim();
  return `postgresql://${SERVICE_ROLE}:${password}@127.0.0.1:${runningPort || port}/analytics`;
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
