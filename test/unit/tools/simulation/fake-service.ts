import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import jsonwebtoken from 'jsonwebtoken';
import { FakeAnalytics, type FakeAnalyticsOptions } from './fake-analytics.js';

export interface FakeServiceOptions extends FakeAnalyticsOptions {
  readonly secret: string;
  /** Fails every n-th POST within the contract: 503, 429, or a stored message without a response. */
  readonly failsEvery?: number;
}

/** Serves {@link FakeAnalytics} over HTTP as the real service does. */
export class FakeService {
  readonly analytics: FakeAnalytics;
  private posts = 0;
  private readonly server: Server;

  private constructor(private readonly options: FakeServiceOptions) {
    this.analytics = new FakeAnalytics(options);
    this.server = createServer((request, response) => {
      void this.handle(request, response);
    });
  }

  static async start(options: FakeServiceOptions): Promise<FakeService> {
    const fake = new FakeService(options);
    await new Promise<void>((resolve) => fake.server.listen(0, '127.0.0.1', resolve));
    return fake;
  }

  get url(): URL {
    return new URL(`http://127.0.0.1:${String((this.server.address() as AddressInfo).port)}`);
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of request) chunks.push(chunk as Buffer);
    } catch {
      return; // The client closed the connection in the middle of the body.
    }
    const raw = Buffer.concat(chunks);
    const text = (request.headers['content-encoding'] === 'gzip' ? gunzipSync(raw) : raw).toString();
    const user = this.authenticate(request);
    const url = new URL(request.url ?? '/', 'http://fake');
    if (request.method === 'POST' && this.fail(request, response, url.pathname, text, user)) return;
    if (user === 'invalid' || (user === undefined && url.pathname !== '/analytics/events')) {
      this.respond(response, 401, { code: 'UNAUTHORIZED' });
      return;
    }
    switch (`${request.method ?? ''} ${url.pathname}`) {
      case 'POST /analytics/events':
        this.respond(response, 200, this.analytics.recordBatch(text, user));
        return;
      case 'POST /presence/heartbeat':
        this.respond(response, 201, this.analytics.recordHeartbeat(text, user ?? ''));
        return;
      case 'GET /presence/online-count':
        this.respond(response, 200, this.analytics.countOnline());
        return;
      case 'GET /analytics/dau':
        this.respond(response, 200, this.analytics.queryDau(url.searchParams));
        return;
      case 'GET /analytics/dau/realtime':
        this.respond(response, 200, this.analytics.queryLiveDau());
        return;
      case 'GET /analytics/active-users':
      case 'GET /analytics/rolling-active-users':
      case 'GET /analytics/lifecycle':
      case 'GET /analytics/retention':
        this.respond(response, 200, this.analytics.querySpans(url.pathname, url.searchParams));
        return;
      case 'GET /presence/daily':
        this.respond(response, 200, this.analytics.queryDailyOnline(url.searchParams));
        return;
      default:
        this.respond(response, 404, {});
    }
  }

  private respond(
    response: ServerResponse,
    status: number,
    body: object,
    headers: Record<string, string> = {},
  ): void {
    response.writeHead(status, {
      'content-type': 'application/json',
      date: new Date(this.options.now()).toUTCString(),
      ...headers,
    });
    response.end(JSON.stringify(body));
  }

  /** Returns the token's user id, undefined without a token, or `invalid`. */
  private authenticate(request: IncomingMessage): string | undefined {
    const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];
    if (token === undefined) return undefined;
    try {
      const clockTimestamp = Math.floor(this.options.now() / 1000);
      const claims = jsonwebtoken.verify(token, this.options.secret, {
        algorithms: ['HS256'],
        clockTimestamp,
      });
      if (typeof claims === 'string') return 'invalid';
      const userId: unknown = claims['userId'] ?? claims.sub;
      return typeof userId === 'string' && claims.exp !== undefined ? userId : 'invalid';
    } catch {
      return 'invalid';
    }
  }

  /** Fails a POST when its turn has come, and returns whether it did. */
  private fail(
    request: IncomingMessage,
    response: ServerResponse,
    path: string,
    text: string,
    user: string | undefined,
  ): boolean {
    const every = this.options.failsEvery;
    this.posts += 1;
    if (every === undefined || this.posts % every !== 0) return false;
    switch ((this.posts / every) % 3) {
      case 0:
        this.respond(response, 503, { code: 'UNAVAILABLE' }, { 'retry-after': '0' });
        break;
      case 1:
        this.respond(response, 429, { code: 'TOO_MANY' }, { 'retry-after': '0' });
        break;
      default:
        if (path === '/analytics/events') this.analytics.recordBatch(text, user);
        else this.analytics.recordHeartbeat(text, user ?? '');
        request.socket.destroy();
    }
    return true;
  }
}
