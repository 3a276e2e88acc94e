import { createServer } from 'node:net';

/** Ports below those that systems give to outgoing connections, which could take one before a worker listens. */
const LOWEST_PORT = 16_384;
const PORTS = 16_384;
const ATTEMPTS = 50;

/**
 * Returns a TCP port of this address that no process listens on at this moment. Starts to look at one that depends on
 * the process, so that services that start together do not meet.
 *
 * @throws the error of the last attempt, such as EADDRNOTAVAIL for an address of another machine
 */
export async function findFreePort(host: string): Promise<number> {
  let last: unknown;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    try {
      return await probe(host, LOWEST_PORT + ((process.pid * ATTEMPTS + attempt) % PORTS));
    } catch (error) {
      last = error;
    }
  }
  throw last;
}

function probe(host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(port, host, () => server.close(() => resolve(port)));
  });
}
