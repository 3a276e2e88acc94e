import { Agent as HttpAgent, request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { urlToHttpOptions } from 'node:url';
import { gzipSync } from 'node:zlib';

/** Compressing less than this saves nothing. */
const SMALLEST_GZIP_BYTES = 1024;

export interface HttpRequest {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body?: string;
  readonly gzip?: boolean;
  readonly token?: string;
  /** Close the connection so long after sending, if no answer has come by then. */
  readonly abortAfterMs?: number;
}

export interface HttpAnswer {
  readonly kind: 'answer';
  readonly status: number;
  /** The parsed JSON; undefined when the body is empty or no JSON. */
  readonly body: unknown;
  readonly retryAfterMs?: number;
  /** The service's clock, from the `Date` header (whole seconds). */
  readonly dateMs?: number;
  readonly latencyMs: number;
}

export interface NoAnswer {
  readonly kind: 'no answer';
  /** `aborted`: on purpose, by `abortAfterMs`; otherwise `timeout` or the system's error code. */
  readonly reason: string;
  /** False when the request certainly never reached the service. */
  readonly mayHaveArrived: boolean;
  readonly latencyMs: number;
}

export type HttpOutcome = HttpAnswer | NoAnswer;

/** `fetch` costs about twice the processor time a request and its connections cannot be counted: node:http can. */
export class HttpClient {
  private readonly agent: HttpAgent | HttpsAgent;
  private readonly send: typeof httpRequest;
  private readonly target: ReturnType<typeof urlToHttpOptions>;
  private readonly pathPrefix: string;

  constructor(
    base: URL,
    connections: number,
    private readonly timeoutMs: number,
  ) {
    const secure = base.protocol === 'https:';
    this.agent = new (secure ? HttpsAgent : HttpAgent)({ keepAlive: true, maxSockets: connections });
    this.send = secure ? httpsRequest : httpRequest;
    this.target = urlToHttpOptions(base);
    this.pathPrefix = base.pathname.replace(/\/$/, '');
  }

  /** Never rejects: whatever happens is an outcome. */
  exchange(request: HttpRequest): Promise<HttpOutcome> {
    const payload = encode(request);
    const startedMs = performance.now();
    return new Promise((resolve) => {
      const latencyMs = (): number => performance.now() - startedMs;
      let endedBecause: string | undefined;
      const outgoing = this.send(
        {
          ...this.target,
          path: `${this.pathPrefix}${request.path}`,
          method: request.method,
          agent: this.agent,
          headers: headersOf(request, payload),
        },
        (incoming) => {
          const chunks: Buffer[] = [];
          incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
          incoming.on('error', fail);
          // Cut off in the middle of the body; after a whole one this finds the promise resolved.
          incoming.on('close', () => {
            fail(new Error('cut off'));
          });
          incoming.on('end', () => {
            clearTimeout(timeout);
            clearTimeout(abort);
            resolve({
              kind: 'answer',
              status: incoming.statusCode ?? 0,
              body: parseJson(Buffer.concat(chunks)),
              latencyMs: latencyMs(),
              ...timesOf(incoming.headers),
            });
          });
        },
      );
      const fail = (error: NodeJS.ErrnoException): void => {
        clearTimeout(timeout);
        clearTimeout(abort);
        const reason = endedBecause ?? error.code ?? error.message;
        resolve({
          kind: 'no answer',
          reason,
          mayHaveArrived: !isBeforeSending(reason),
          latencyMs: latencyMs(),
        });
      };
      const endBecause = (reason: string): void => {
        endedBecause = reason;
        outgoing.destroy(new Error(reason));
      };
      const timeout = setTimeout(endBecause, this.timeoutMs, 'timeout');
      const abort =
        request.abortAfterMs === undefined
          ? undefined
          : setTimeout(endBecause, request.abortAfterMs, 'aborted');
      outgoing.on('error', fail);
      outgoing.end(payload);
    });
  }

  close(): void {
    this.agent.destroy();
  }
}

function encode({ body, gzip }: HttpRequest): Buffer | undefined {
  if (body === undefined) return undefined;
  const plain = Buffer.from(body);
  return gzip === true && plain.length >= SMALLEST_GZIP_BYTES ? gzipSync(plain) : plain;
}

function headersOf(request: HttpRequest, payload: Buffer | undefined): Record<string, string | number> {
  return {
    accept: 'application/json',
    ...(request.token !== undefined && { authorization: `Bearer ${request.token}` }),
    ...(payload !== undefined && { 'content-type': 'application/json', 'content-length': payload.length }),
    // The two magic bytes of gzip; JSON text cannot begin with them.
    ...(payload?.[0] === 0x1f && payload[1] === 0x8b && { 'content-encoding': 'gzip' }),
  };
}

function timesOf(headers: IncomingHttpHeaders): { retryAfterMs?: number; dateMs?: number } {
  const dateMs = Date.parse(headers.date ?? '');
  const retryAfter = headers['retry-after'];
  // Either seconds or an HTTP date (RFC 9110, section 10.2.3).
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

function isBeforeSending(reason: string): boolean {
  return ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH'].includes(reason);
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8')) as unknown;
  } catch {
    return undefined;
  }
}
