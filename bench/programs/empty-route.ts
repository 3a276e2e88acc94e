/** Serves a Fastify route that does nothing: the limit of any JSON service on Node. */
import Fastify from 'fastify';

import { endWithParent } from '../support/end-with-parent.js';

endWithParent();
const server = Fastify();
server.post('/', () => Promise.resolve({ ok: true }));
console.log(`Listening on ${await server.listen({ host: '127.0.0.1', port: 0 })}`);
