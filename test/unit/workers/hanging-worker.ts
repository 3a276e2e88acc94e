import cluster from 'node:cluster';
import { createServer } from 'node:http';

import { linkToPrimary } from '../../../src/worker-link.js';

/** Links as a worker of the service does; the first one serves a request and then blocks its event loop for ever. */
const ignore = (): void => undefined;
linkToPrimary({ onStop: () => process.exit(0), onLogLevel: ignore }, process, 50);

createServer((_request, response) => {
  const { id } = cluster.worker ?? { id: 0 };
  response.writeHead(200, { connection: 'close' }).end(String(id));
  if (id === 1) response.once('close', () => block());
}).listen(Number(process.env['PORT']), '127.0.0.1');

function block(): never {
  for (;;);
}
