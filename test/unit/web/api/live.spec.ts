import { describe, expect, it } from '@jest/globals';
import type { StreamEvent } from '../../../../web/src/api/event-stream.js';
import { LiveConnection } from '../../../../web/src/api/live.js';
import { ManualTimers, settle } from '../support/manual-timers.js';

/** One connection as the service sees it. */
class Peer {
  readonly response: Response;
  private writer!: ReadableStreamDefaultController<Uint8Array>;

  constructor(readonly request: Request) {
    const body = new ReadableStream<Uint8Array>({
      start: (writer) => {
        this.writer = writer;
      },
    });
    request.signal.addEventListener('abort', () => {
      this.writer.error(request.signal.reason);
    });
    this.response = new Response(body, { headers: { 'content-type': 'text/event-stream' } });
  }

  async send(text: string): Promise<void> {
    this.writer.enqueue(new TextEncoder().encode(text));
    await settle();
  }

  async end(reason?: string): Promise<void> {
    if (reason !== undefined) await this.send(`event: end\ndata: {"reason":"${reason}"}\n\n`);
    this.writer.close();
    await settle();
  }
}

function create(answer: (peer: Peer) => Response | Error = ({ response }) => response) {
  const timers = new ManualTimers();
  const peers: Peer[] = [];
  const events: StreamEvent[] = [];
  const expired: true[] = [];
  const connection = new LiveConnection({
    url: 'http://127.0.0.1/live',
    timers,
    fetch: async (request) => {
      const peer = new Peer(request);
      peers.push(peer);
      const given = answer(peer);
      if (given instanceof Error) throw given;
      return given;
    },
    onEvent: (event) => void events.push(event),
    onTokenExpired: () => void expired.push(true),
  });
  return { connection, timers, peers, events, expired, phase: () => connection.state.get().phase };
}

const refusal = (status: number, code: string, headers = {}) =>
  new Response(JSON.stringify({ status, code, detail: 'why' }), { status, headers });

describe('LiveConnection', () => {
  it('passes events on, and asks for what the service remembers', async () => {
    const { connection, peers, events, phase } = create();
    expect(phase()).toBe('stopped');
    connection.start();
    expect(phase()).toBe('connecting');
    await settle();
    expect(phase()).toBe('open');
    await peers[0]!.send('retry: 3000\n\nid: 5\nevent: online\ndata: {"count":1}\n\n');
    expect(events).toEqual([{ name: 'online', data: '{"count":1}' }]);
    expect(peers[0]!.request.headers.get('last-event-id')).toBe('0');
  });

  it('connects again after an outage, with back-off, and goes on behind the last event', async () => {
    let isDown = false;
    const { connection, timers, peers, phase } = create(({ response }) =>
      isDown ? new TypeError('Failed to fetch') : response,
    );
    connection.start();
    await settle();
    await peers[0]!.send('retry: 4000\n\nid: 1795813500\nevent: online\ndata: {}\n\n');
    isDown = true;
    await peers[0]!.end();
    expect(connection.state.get()).toEqual({
      ...{ phase: 'waiting', retryAtMs: timers.nowMs() + 4_000, problem: null },
    });
    await timers.pass(4_000);
    expect(connection.state.get()).toMatchObject({
      ...{ phase: 'waiting', retryAtMs: timers.nowMs() + 8_000, problem: { kind: 'unreachable' } },
    });
    isDown = false;
    await timers.pass(8_000);
    expect(phase()).toBe('open');
    expect(peers[2]!.request.headers.get('last-event-id')).toBe('1795813500');
  });

  it('keeps the cause while it connects again, also at the wish of the reader', async () => {
    let connects = 0;
    const { connection, timers, peers } = create(() => new TypeError('Failed to fetch'));
    connection.state.subscribe(() => {
      const state = connection.state.get();
      if (state.phase !== 'connecting') return;
      connects += 1;
      expect(state.problem?.kind ?? null).toBe(connects === 1 ? null : 'unreachable');
    });
    connection.start();
    await settle();
    await timers.pass(60_000);
    connection.start();
    await settle();
    expect(connects).toBe(peers.length);
    expect(connects).toBeGreaterThan(2);
  });

  it('shows no trouble when the service rotates the stream', async () => {
    const { connection, timers, peers, phase } = create();
    connection.start();
    await settle();
    await peers[0]!.end('rotated');
    expect(phase()).toBe('open');
    await timers.pass(3_000);
    expect(peers).toHaveLength(2);
    expect(phase()).toBe('open');
  });

  it('waits in sight when the service shuts down', async () => {
    const { connection, peers, phase } = create();
    connection.start();
    await settle();
    await peers[0]!.end('shutdown');
    expect(phase()).toBe('waiting');
  });

  it('ends a half-open connection after 30 s without a byte; comments keep it', async () => {
    const { connection, timers, peers } = create();
    connection.start();
    await settle();
    await timers.pass(25_000);
    await peers[0]!.send(':\n\n');
    await timers.pass(25_000);
    expect(connection.state.get().phase).toBe('open');
    await timers.pass(5_000);
    expect(peers[0]!.request.signal.aborted).toBe(true);
    expect(connection.state.get()).toMatchObject({ phase: 'waiting', problem: { kind: 'unreachable' } });
  });

  it('stops when the token expires, and says so', async () => {
    const { connection, timers, peers, expired, phase } = create();
    connection.start();
    await settle();
    await peers[0]!.end('token_expired');
    expect(phase()).toBe('stopped');
    expect(expired).toHaveLength(1);
    await timers.pass(600_000);
    expect(peers).toHaveLength(1);
  });

  it.each([
    [401, 'token_expired', 'stopped'],
    [403, 'role_missing', 'refused'],
  ])('does not repeat a request that was answered with %i', async (status, code, phase) => {
    const { connection, timers, peers, ...rest } = create(() => refusal(status, code));
    connection.start();
    await settle();
    expect(rest.phase()).toBe(phase);
    await timers.pass(600_000);
    expect(peers).toHaveLength(1);
    connection.start();
    await settle();
    expect(peers).toHaveLength(2);
  });

  it('waits as long as a full service asks for', async () => {
    const { connection, timers } = create(() => refusal(503, 'overloaded', { 'retry-after': '30' }));
    connection.start();
    await settle();
    expect(connection.state.get()).toMatchObject({
      ...{ phase: 'waiting', retryAtMs: timers.nowMs() + 30_000, problem: { code: 'overloaded' } },
    });
  });

  it('connects at once when the reader asks for it, and only once', async () => {
    let isDown = true;
    const { connection, timers, peers } = create(({ response }) => (isDown ? new TypeError() : response));
    connection.start();
    await settle();
    isDown = false;
    connection.start();
    connection.start();
    await settle();
    expect(connection.state.get().phase).toBe('open');
    await timers.pass(20_000);
    expect(peers).toHaveLength(2);
  });

  it('ends its request when it is stopped', async () => {
    const { connection, timers, peers, phase } = create();
    connection.start();
    await settle();
    connection.stop();
    expect(peers[0]!.request.signal.aborted).toBe(true);
    await settle();
    expect(phase()).toBe('stopped');
    expect(timers.waiting).toBe(0);
  });
});
