import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import type { AddressInfo } from 'node:net';
import ts from 'typescript';

const CLIENT = new URL('../../../clients/typescript/src/', import.meta.url);
/** An app that uses the client as its README says; the page's script talks to `window.client`. */
const APP = `<!doctype html><meta charset="utf-8"><title>App</title><link rel="icon" href="data:,"><script type="module">
import { AnalyticsClient } from '/client/analytics-client.js';
import { browserPlatform, watchPage } from '/client/browser/browser-platform.js';
window.client = await AnalyticsClient.open({
  baseUrl: location.origin, appVersion: '1.0.0', platform: browserPlatform(),
  settings: { sendAfterMs: 60_000 },
});
watchPage(window.client, window);
document.title = 'Ready';
</script>`;

export interface ReceivedEvent {
  readonly eventId: string;
  readonly eventName: string;
  readonly installId: string;
}

interface EventsBody {
  readonly events: readonly ReceivedEvent[];
}

/** Serves an app with the reference client, and takes its events as the service does. */
export class ClientHost {
  /** Events by their id: one that comes again is a duplicate. */
  readonly events = new Map<string, ReceivedEvent>();
  /** Encodings of the bodies of events, in order of arrival; empty for plain ones. */
  readonly encodings: string[] = [];
  /** True while each request of the client gets 503. */
  isDown = false;
  private readonly server = createServer((request, response) => {
    this.answer(request, response).catch((error: unknown) => {
      response.writeHead(500).end(String(error));
    });
  });

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? '/';
    if (path.startsWith('/client/')) {
      const source = await readFile(
        new URL(path.slice('/client/'.length).replace(/\.js$/, '.ts'), CLIENT),
        'utf8',
      );
      const { outputText } = ts.transpileModule(source, {
        compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 },
      });
      response.writeHead(200, { 'content-type': 'text/javascript' }).end(outputText);
      return;
    }
    if (request.method !== 'POST') {
      response.writeHead(200, { 'content-type': 'text/html' }).end(APP);
      return;
    }
    const body = await buffer(request);
    if (this.isDown) {
      response.writeHead(503, { 'content-type': 'application/problem+json', 'retry-after': '1' }).end('{}');
      return;
    }
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(
      JSON.stringify(path === '/analytics/events' ? this.take(request, body) : { ok: true, serverTs: 0 }),
    );
  }

  private take(request: IncomingMessage, body: Buffer): object {
    const encoding = request.headers['content-encoding'] ?? '';
    this.encodings.push(encoding);
    const text = (encoding === 'gzip' ? gunzipSync(body) : body).toString();
    const { events } = JSON.parse(text) as EventsBody;
    const known = events.filter(({ eventId }) => this.events.has(eventId)).length;
    for (const event of events) this.events.set(event.eventId, event);
    return { accepted: events.length - known, duplicates: known, failed: 0 };
  }
}
