/** Writes one frame to each open connection every five seconds: the cost of the sockets alone. */
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { endWithParent } from '../support/end-with-parent.js';

const PERIOD_MS = 5_000;
const FRAME = Buffer.from(
  'id: 1736937000\nevent: online\ndata: {"count":10000,"isPartial":false,"coverage":1,"windowSeconds":180,' +
    '"queriedAt":"2025-01-15T10:30:00.002Z"}\n\n',
);

endWithParent();
const open = new Set<ServerResponse>();
const server = createServer((request, response) => {
  if (request.url === '/metrics') {
    const { user, system } = process.cpuUsage();
    response.end(`process_cpu_seconds_total ${(user + system) / 1e6}\n`);
    return;
  }
  response.writeHead(200, { 'content-type': 'text/event-stream', connection: 'close' });
  response.once('close', () => open.delete(response));
  response.write(FRAME);
  open.add(response);
});
setInterval(() => {
  for (const response of open) response.write(FRAME);
}, PERIOD_MS);
server.listen(0, '127.0.0.1', () => {
  console.log(`Listening on http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
