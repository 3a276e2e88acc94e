import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { IClock } from '../../../application/ports/clock.port.js';
import type { LiveEvent } from '../../../application/queries/watch-figures/watch-figures.query.js';
import type { HttpConfig } from '../../../config/http.config.js';
import type { AuthenticatedUser } from '../../../shared/decorators/current-user.decorator.js';
import { ApplicationException } from '../../../shared/exceptions/application.exception.js';
import {
  liveStreamsEndedTotal,
  liveStreamsRefusedTotal,
  liveWatchers,
  type StreamEnd,
} from '../../../shared/metrics/live-metrics.js';
import { clientAddress } from '../client-address.js';
import { frameOf, retryFrame } from './event-frames.js';
import { LivePushes } from './live-pushes.js';
import { LiveStream } from './live-stream.js';

export const LIVE_ROUTE = '/live';
const CHECK_MS = 2_000;
/** Clients reconnect after 2 to 6 s and rotate up to a tenth early, each after another time. */
const MIN_RETRY_MS = 2_000;
const RETRY_SPREAD_MS = 4_000;
const ROTATION_SPREAD = 0.1;
/** Multiples of the golden ratio spread evenly over 0 to 1 without a source of randomness. */
const GOLDEN_RATIO = 0.618_033_988_749_895;

type Subscribe = (listener: (event: LiveEvent) => void) => () => void;

/** The open streams of this process: admits, writes, checks and ends them. */
export class LiveStreams {
  private readonly streams = new Map<LiveStream, () => void>();
  private readonly byAddress = new Map<string, number>();
  private readonly pushes = new LivePushes((stream, frame) => {
    if (this.streams.has(stream) && !stream.write(frame, this.clock.elapsedMs())) this.end(stream, 'slow');
  });
  private timer: NodeJS.Timeout | null = null;
  private opened = 0;
  private closing = false;

  constructor(
    private readonly limits: HttpConfig['live'],
    private readonly clock: IClock,
  ) {}

  /**
   * Answers with a stream that ends with the token, its lifetime or the service.
   *
   * @throws ApplicationException `live_streams_exceeded`, `overloaded`, `shutting_down`
   */
  open(request: FastifyRequest, reply: FastifyReply, user: AuthenticatedUser, subscribe: Subscribe): void {
    // The time of the request may be over, and its answer sent.
    if (reply.sent || reply.raw.headersSent) return;
    const address = clientAddress(request);
    this.admit(address);
    void reply.headers({
      'content-type': 'text/event-stream; charset=utf-8',
      // A proxy must neither compress nor buffer it.
      'cache-control': 'no-store, no-transform',
      'x-accel-buffering': 'no',
      connection: 'close',
    });
    if (request.method === 'HEAD') {
      void reply.send();
      return;
    }
    reply.hijack();
    const response = reply.raw;
    // The connection may have ended while the guards waited.
    if (response.destroyed) return;
    const spread = (this.opened++ * GOLDEN_RATIO) % 1;
    const nowMs = this.clock.elapsedMs();
    const lifetimeMs = this.limits.streamSeconds * 1000 * (1 - ROTATION_SPREAD * spread);
    const stream = new LiveStream({
      response,
      socket: request.raw.socket,
      address,
      tokenValidUntilMs: user.validUntilMs,
      rotateAtMs: nowMs + lifetimeMs,
      nowMs,
    });
    response.writeHead(200, reply.getHeaders() as Record<string, string>);
    // Errors of the connection end in `close`.
    response.on('error', () => undefined);
    response.once('close', () => {
      this.release(stream, 'client');
    });
    this.add(stream);
    stream.write(retryFrame(Math.round(MIN_RETRY_MS + RETRY_SPREAD_MS * spread)), nowMs);
    const unsubscribe = subscribe((event) => {
      this.pushes.add(stream, frameOf(event));
    });
    this.streams.set(stream, unsubscribe);
  }

  /** Ends all streams and admits no further one. */
  close(): void {
    this.closing = true;
    for (const stream of [...this.streams.keys()]) this.end(stream, 'shutdown');
  }

  private admit(address: string): void {
    const { maxWatchers, maxWatchersPerAddress } = this.limits;
    if (this.closing) throw new ApplicationException('shutting_down');
    if (maxWatchersPerAddress !== null && (this.byAddress.get(address) ?? 0) >= maxWatchersPerAddress) {
      liveStreamsRefusedTotal.inc({ by: 'address' });
      throw new ApplicationException('live_streams_exceeded', {
        detail: `At most ${maxWatchersPerAddress} live streams may be open from one address, and they are: close one of them first`,
      });
    }
    if (this.streams.size >= maxWatchers) {
      liveStreamsRefusedTotal.inc({ by: 'process' });
      throw new ApplicationException('overloaded', {
        detail: `At most ${maxWatchers} live streams may be open here, and they are: connect again later.`,
        retryAfterSeconds: 30,
      });
    }
  }

  private add(stream: LiveStream): void {
    this.streams.set(stream, () => undefined);
    this.byAddress.set(stream.address, (this.byAddress.get(stream.address) ?? 0) + 1);
    liveWatchers.set(this.streams.size);
    this.timer ??= setInterval(() => {
      this.checkAll();
    }, CHECK_MS);
  }

  private checkAll(): void {
    const nowMs = this.clock.elapsedMs();
    const clockMs = this.clock.now().getTime();
    for (const stream of [...this.streams.keys()]) {
      const reason = stream.check(nowMs, clockMs);
      if (reason !== null) this.end(stream, reason);
    }
  }

  private end(stream: LiveStream, reason: StreamEnd): void {
    this.release(stream, reason);
    stream.end(reason);
  }

  private release(stream: LiveStream, reason: StreamEnd): void {
    const unsubscribe = this.streams.get(stream);
    if (unsubscribe === undefined) return;
    this.streams.delete(stream);
    unsubscribe();
    const left = (this.byAddress.get(stream.address) ?? 1) - 1;
    if (left === 0) this.byAddress.delete(stream.address);
    else this.byAddress.set(stream.address, left);
    liveWatchers.set(this.streams.size);
    liveStreamsEndedTotal.inc({ reason });
    if (this.streams.size > 0 || this.timer === null) return;
    clearInterval(this.timer);
    this.timer = null;
  }
}

/** Ends the streams before the server waits for its connections. */
export function endStreamsOnClose(fastify: FastifyInstance, streams: LiveStreams): void {
  fastify.addHook('preClose', (done) => {
    streams.close();
    done();
  });
}
