import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { ROOT } from './deployment-files.js';

/**
 * Runs the health check against a service that answers with `status`.
 *
 * @param status null for a port that no service listens on
 * @returns the exit code and the path that was requested
 */
async function runHealthcheck(
  status: number | null,
): Promise<{ exitCode: unknown; path: string | undefined }> {
  let path: string | undefined;
  const server = createServer((request, response) => {
    path = request.url;
    response.writeHead(status ?? 500).end('{}');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  if (status === null) server.close();
  const child = spawn(process.execPath, [join(ROOT, 'deploy/healthcheck.mjs')], {
    env: { PORT: String(port), HOST: '0.0.0.0' },
    stdio: 'ignore',
  });
  const [exitCode] = (await once(child, 'exit')) as [unknown];
  server.close();
  return { exitCode, path };
}

describe('deploy/healthcheck.mjs', () => {
  it('exits with 0 when GET /health/live answers 200', async () => {
    expect(await runHealthcheck(200)).toEqual({ exitCode: 0, path: '/health/live' });
  });

  it('exits with 1 when the service answers 503 or does not answer', async () => {
    expect(await runHealthcheck(503)).toMatchObject({ exitCode: 1 });
    expect(await runHealthcheck(null)).toMatchObject({ exitCode: 1 });
  });
});
