import { Agent as HttpAgent, request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { urlToHttpOptions } from 'node:url';
import { gzipSync } from 'node:zlib';

/** The smallest body that is worth compressing. */
const SMALLEST_GZIP_BYTES = 1024;

export interface HttpRequest {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body?: string;
  readonly gzip?: boolean;
  readonly token?: string;
  /** Further headers, such as the address of the device behind a proxy. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Closes the connection after this time unless a response has arrived. */
  readonly abortAfterMs?: number;
}

export interface HttpResponse {
  readonly kind: 'response';
  readonly status: number;
  /** The parsed JSON; undefined when the body is empty or not JSON. */
  readonly body: unknown;
  readonly retryAfterMs?: number;
  /** The service's clock in whole seconds, from the `Date` header. */
  readonly dateMs?: number;
  readonly latencyMs: number;
}

export interface NoResponse {
  readonly kind: 'no response';
  /** `aborted` (by `abortAfterMs`), `timeout`, or the system's error code. */
  readonly reason: string;
  /** False when the request certainly never reached the service. */
  readonly mayHaveArrived: boolean;
  readonly latencyMs: number;
}

export type HttpOutcome = HttpResponse | NoResponse;

/** Sends requests; resolves with an outcome for every error and never rejects. */
export interface HttpSender {
  send(request: HttpRequest): Promise<HttpOutcome>;
}

/** Sends JSON requests through node:http, which takes half of the CPU of `fetch` and bounds the connections. */
export class HttpClient implements HttpSender {
  private readonly agent: HttpAgent | HttpsAgent;
  private readonly request: typeof httpRequest;
  private readonly target: ReturnType<typeof urlToHttpOptions>;
  private readonly pathPrefix: string;

  constructor(
    base: URL,
    connections: number,
    private readonly timeoutMs: number,
  ) {
    const secure = base.protocol === 'https:';
    this.agent = new (secure ? HttpsAgent : HttpAgent)({ keepAlive: true, maxSockets: connections });
    this.request = secure ? httpsRequest : httpRequest;
    this.target = urlToHttpOptions(base);
    this.pathPrefix = base.pathname.replace(/\/$/, '');
  }

  /** Resolves with an outcome for every error; never rejects. */
  send(request: HttpRequest): Promise<HttpOutcome> {
    const payload = encodeBody(request);
    const startedMs = performance.now();
    return new Promise((resolve) => {
      const latencyMs = (): number => performance.now() - startedMs;
      let abortReason: string | undefined;
      const outgoing = this.request(
        {
          ...this.target,
          path: `${this.pathPrefix}${request.path}`,
          method: request.method,
          agent: this.agent,
          headers: buildHeaders(request, payload),
        },
        (incoming) => {
          const chunks: Buffer[] = [];
          incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
          incoming.on('error', fail);
          // Reports a body that broke off; after a complete body the promise is already resolved.
          incoming.on('close', () => {
            fail(new Error('cut off'));
          });
          incoming.on('end', () => {
            clearTimeout(timeout);
            clearTimeout(abort);
            resolve({
              kind: 'response',
              status: incoming.statusCode ?? 0,
              body: parseJson(Buffer.concat(chunks)),
              latencyMs: latencyMs(),
              ...readTimes(incoming.headers),
            });
          });
        },
      );
      const fail = (error: NodeJS.ErrnoException): void => {
        clearTimeout(timeout);
        clearTimeout(abort);
        const reason = abortReason ?? error.code ?? error.message;
        resolve({
          kind: 'no response',
          reason,
          mayHaveArrived: !failedBeforeSending(reason),
          latencyMs: latencyMs(),
        });
      };
      const abortWith = (reason: string): void => {
        abortReason = reason;
        outgoing.destroy(new Error(reason));
      };
      const timeout = setTimeout(abortWith, this.timeoutMs, 'timeout');
      const abort =
        request.abortAfterMs === undefined
          ? undefined
          : setTimeout(abortWith, request.abortAfterMs, 'aborted');
      outgoing.on('error', fail);
      outgoing.end(payload);
    });
  }

  close(): void {
    this.agent.destroy();
  }
}

function encodeBody({ body, gzip }: HttpRequest): Buffer | undefined {
  if (body === undefined) return undefined;
  const plain = Buffer.from(body);
  return gzip === true && plain.length >= SMALLEST_GZIP_BYTES ? gzipSync(plain) : plain;
}

function buildHeaders(request: HttpRequest, payload: Buffer | undefined): Record<string, string | number> {
  return {
    accept: 'application/json',
    ...request.headers,
    ...(request.token !== undefined && { authorization: `Bearer ${request.token}` }),
    ...(payload !== undefined && { 'content-type': 'application/json', 'content-length': payload.length }),
    // JSON cannot begin with the two magic bytes of gzip.
    ...(payload?.[0] === 0x1f && payload[1] === 0x8b && { 'content-encoding': 'gzip' }),
  };
}

function readTimes(headers: IncomingHttpHeaders): { retryAfterMs?: number; dateMs?: number } {
  const dateMs = Date.parse(headers.date ?? '');
  const retryAfter = headers['retry-after'];
  // Retry-After holds seconds or an HTTP date (RFC 9110, section 10.2.3).
  const retryAfterMs =
    retryAfter === undefined
      ? NaN
      : /^\d+$/.test(retryAfter)
        ? Number(retryAfter) * 1000
        : Date.parse(retryAfter) - (Number.isFinite(dateMs) ? dateMs : Date.now());
  return {
    ...(Number.isFinite(dateMs) && { dateMs }),
    ...(Number.isFinite(retryAfterMs) && { retryAfterMs: Math.max(0, retryAfterMs) }),
  };
}

function failedBeforeSending(reason: string): boolean {
  return ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH'].includes(reason);
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8')) as unknown;
  } catch {
    return undefined;
  }
}
