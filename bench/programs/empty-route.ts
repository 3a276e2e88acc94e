/** The limit of anything that answers JSON with JSON on Node: a Fastify route that does nothing. */
import Fastify from 'fastify';

import { endWithParent } from '../support/parent.js';

endWithParent();
const server = Fastify();
server.post('/', () => Promise.resolve({ ok: true }));
console.log(`Listening on ${await server.listen({ host: '127.0.0.1', port: 0 })}`);
