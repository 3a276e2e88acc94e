import { Agent, request as httpRequest, type OutgoingHttpHeaders } from 'node:http';
import { connect, type Socket } from 'node:net';

/** A response as received. */
export interface WireAnswer {
  readonly status: number;
  /** names in lower case; the values of a repeated header are joined by ", " */
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

export interface Exchange {
  readonly answers: readonly WireAnswer[];
  /** all received bytes as Latin-1 */
  readonly received: string;
  /** true when the service closed or reset the connection */
  readonly closed: boolean;
  readonly milliseconds: number;
}

/** A TCP connection that sends any bytes. */
export class RawConnection {
  private readonly chunks: Buffer[] = [];
  private readonly start = performance.now();
  private closedAt: number | undefined;
  private wake: () => void = () => undefined;

  private constructor(private readonly socket: Socket) {
    socket.on('data', (chunk: Buffer) => {
      this.chunks.push(chunk);
      this.wake();
    });
    // A reset emits `close` as well.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.closedAt = performance.now();
      this.wake();
    });
  }

  static open(url: string): Promise<RawConnection> {
    const { hostname, port } = new URL(url);
    return new Promise((resolve, reject) => {
      const socket = connect({ host: hostname, port: Number(port), noDelay: true });
      socket.once('error', reject);
      socket.once('connect', () => {
        socket.off('error', reject);
        resolve(new RawConnection(socket));
      });
    });
  }

  get closed(): boolean {
    return this.closedAt !== undefined;
  }

  get received(): string {
    return Buffer.concat(this.chunks).toString('latin1');
  }

  write(data: string | Uint8Array): void {
    if (!this.closed) this.socket.write(typeof data === 'string' ? Buffer.from(data, 'latin1') : data);
  }

  /** Half-closes the connection. */
  end(): void {
    this.socket.end();
  }

  /** Stops reading. */
  pause(): void {
    this.socket.pause();
  }

  destroy(): void {
    this.socket.destroy();
  }

  /** Resets the connection once all written bytes are sent. */
  reset(): void {
    this.socket.write('', () => this.socket.resetAndDestroy());
  }

  /** Waits until the connection is closed, enough responses have arrived, or the time is over. */
  async settled(options: { readonly answers?: number; readonly timeoutMs: number }): Promise<Exchange> {
    const { answers: wanted = Infinity, timeoutMs } = options;
    const deadline = performance.now() + timeoutMs;
    while (!this.closed && performance.now() < deadline && readAnswers(this.received).length < wanted) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, Math.max(1, deadline - performance.now()));
        this.wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    return {
      answers: readAnswers(this.received),
      received: this.received,
      closed: this.closed,
      milliseconds: (this.closedAt ?? performance.now()) - this.start,
    };
  }
}

/** Sends bytes on a connection of their own and returns everything received until it ends. */
export async function exchange(
  url: string,
  data: string | Uint8Array,
  options: { readonly answers?: number; readonly timeoutMs?: number; readonly end?: boolean } = {},
): Promise<Exchange> {
  const connection = await RawConnection.open(url);
  connection.write(data);
  if (options.end === true) connection.end();
  const result = await connection.settled({ timeoutMs: 10_000, ...options });
  connection.destroy();
  return result;
}

/** Parses the complete responses in received bytes and ignores an incomplete last one. */
function readAnswers(received: string): WireAnswer[] {
  const answers: WireAnswer[] = [];
  let rest = received;
  for (;;) {
    const end = rest.indexOf('\r\n\r\n');
    if (end < 0) return answers;
    const [statusLine = '', ...lines] = rest.slice(0, end).split('\r\n');
    const headers: Record<string, string> = {};
    for (const line of lines) {
      const colon = line.indexOf(':');
      const name = line.slice(0, colon).toLowerCase();
      const value = line.slice(colon + 1).trim();
      headers[name] = headers[name] === undefined ? value : `${headers[name]}, ${value}`;
    }
    const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(statusLine)?.[1] ?? NaN);
    let body = rest.slice(end + 4);
    if (headers['transfer-encoding'] === 'chunked') {
      const chunked = readChunks(body);
      if (chunked === null) return answers;
      answers.push({ status, headers, text: utf8(chunked.text) });
      rest = chunked.rest;
      continue;
    }
    const length = Number(headers['content-length'] ?? 0);
    if (body.length < length) return answers;
    rest = body.slice(length);
    body = body.slice(0, length);
    if (status !== 100) answers.push({ status, headers, text: utf8(body) });
  }
}

function readChunks(body: string): { text: string; rest: string } | null {
  let text = '';
  let at = 0;
  for (;;) {
    const lineEnd = body.indexOf('\r\n', at);
    if (lineEnd < 0) return null;
    const size = parseInt(body.slice(at, lineEnd), 16);
    const from = lineEnd + 2;
    if (body.length < from + size + 2) return null;
    text += body.slice(from, from + size);
    at = from + size + 2;
    if (size === 0) return { text, rest: body.slice(at) };
  }
}

function utf8(latin1: string): string {
  return Buffer.from(latin1, 'latin1').toString('utf8');
}

export interface WireRequest {
  readonly method: string;
  /** request target, unencoded */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string | Uint8Array | undefined;
}

/** A response, or the reason why none arrived. */
export type Outcome =
  | (WireAnswer & { readonly milliseconds: number; readonly failure?: undefined })
  | { readonly failure: string; readonly milliseconds: number };

/** Sends requests over a pool of keep-alive connections. */
export class KeepAliveClient {
  private readonly agent: Agent;
  private readonly host: string;
  private readonly port: number;

  constructor(
    url: string,
    private readonly options: { readonly connections: number; readonly timeoutMs: number },
  ) {
    const { hostname, port } = new URL(url);
    this.host = hostname;
    this.port = Number(port);
    this.agent = new Agent({ keepAlive: true, maxSockets: options.connections });
  }

  send({ method, path, headers = {}, body }: WireRequest): Promise<Outcome> {
    const start = performance.now();
    const took = (): number => performance.now() - start;
    return new Promise((resolve) => {
      const fail = (failure: string): void => resolve({ failure, milliseconds: took() });
      const request = httpRequest(
        {
          agent: this.agent,
          host: this.host,
          port: this.port,
          method,
          path,
          headers: headers as OutgoingHttpHeaders,
        },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('error', (error) => fail(`answer cut: ${error.message}`));
          response.on('end', () => {
            clearTimeout(timer);
            const answerHeaders: Record<string, string> = {};
            for (const [name, value] of Object.entries(response.headers))
              answerHeaders[name] = Array.isArray(value) ? value.join(', ') : (value ?? '');
            resolve({
              status: response.statusCode ?? 0,
              headers: answerHeaders,
              text: Buffer.concat(chunks).toString('utf8'),
              milliseconds: took(),
            });
          });
        },
      );
      const timer = setTimeout(() => {
        fail(`no answer within ${this.options.timeoutMs} ms`);
        request.destroy();
      }, this.options.timeoutMs);
      request.on('error', (error) => {
        clearTimeout(timer);
        fail(error.message);
      });
      request.end(body);
    });
  }

  close(): void {
    this.agent.destroy();
  }
}
