/** Spreads connections over several addresses in turn, as a load balancer in front of replicas does. */
import { connect, createServer, type AddressInfo } from 'node:net';

import { endWithParent } from '../support/end-with-parent.js';

endWithParent();
const targets = (JSON.parse(process.argv[2] ?? '') as string[]).map((url) => new URL(url));
let next = 0;
const server = createServer((client) => {
  const target = targets[next++ % targets.length];
  const upstream = connect(Number(target?.port), target?.hostname);
  for (const [from, to] of [
    [client, upstream],
    [upstream, client],
  ] as const) {
    from.setNoDelay(true);
    from.pipe(to);
    from.on('error', () => to.destroy());
  }
});
server.listen(0, '127.0.0.1', () => {
  console.log(`Listening on http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
