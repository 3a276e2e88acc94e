import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ScriptedServer } from './scripted-server.js';

/** Brings requests from a port of the loopback interface to a scripted server. */
export class HttpFront {
  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  static async open(scripted: ScriptedServer): Promise<HttpFront> {
    const server = createServer((request, response) => void serve(scripted, request, response));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    return new HttpFront(server, `http://127.0.0.1:${port}`);
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }
}

async function serve(
  scripted: ScriptedServer,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const gone = new AbortController();
  response.on('close', () => gone.abort());
  try {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const headers = Object.fromEntries(
      Object.entries(request.headers).map(([name, value]) => [
        name,
        value === undefined ? value : String(value),
      ]),
    );
    const answer = await scripted.receive(
      { path: request.url ?? '/', headers, body: Buffer.concat(chunks) },
      gone.signal,
    );
    if (answer === null) request.socket.resetAndDestroy();
    else response.writeHead(answer.status, { ...answer.headers }).end(answer.body);
  } catch {
    // The client has cut the connection.
    request.socket.destroy();
  }
}
