import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { TcpProxy } from '../../../../tools/chaos/proxy/tcp-proxy.js';
import { waitFor } from '../../../support/processes.js';

interface Peer {
  readonly socket: Socket;
  /** The reads so far, one element each. */
  readonly reads: string[];
  closed(): boolean;
}

describe('TcpProxy', () => {
  let server: Server;
  let accepted: Peer[];
  let clients: Peer[];
  let proxy: TcpProxy;

  beforeEach(async () => {
    accepted = [];
    clients = [];
    server = createServer({ allowHalfOpen: true }, (socket) => accepted.push(watch(socket)));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    proxy = await TcpProxy.start((server.address() as AddressInfo).port);
  });

  afterEach(async () => {
    await proxy.stop();
    for (const { socket } of [...accepted, ...clients]) socket.destroy();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  });

  it('forwards bytes in both directions, and the end of one after its last byte', async () => {
    const [client, peer] = await open();
    client.socket.end('question');
    await waitFor(() => peer.reads.join('') === 'question' && peer.socket.readableEnded);
    peer.socket.end('answer');
    await waitFor(() => client.reads.join('') === 'answer' && client.closed());
    await waitFor(() => proxy.openConnections === 0);
  });

  it('resets open connections when it is cut and refuses new ones', async () => {
    const [client, peer] = await open();
    proxy.setMode('refuse');
    proxy.cut();
    await waitFor(() => client.closed() && peer.closed());
    const refused = dial();
    await waitFor(() => refused.closed());
    expect(accepted).toHaveLength(1);
  });

  it('keeps open connections silent for good while new ones work', async () => {
    const [client, peer] = await open();
    proxy.silenceOpenConnections();
    client.socket.write('lost');
    const [second, secondPeer] = await open();
    second.socket.write('arrives');
    await waitFor(() => secondPeer.reads.join('') === 'arrives');
    expect(peer.reads).toEqual([]);
    client.socket.destroy();
    secondPeer.socket.write('later');
    await waitFor(() => second.reads.join('') === 'later');
    expect(peer.closed()).toBe(false);
  });

  it('holds bytes back while it is a black hole and delivers them in order afterwards', async () => {
    const [client, peer] = await open();
    proxy.setMode('black-hole');
    client.socket.write('one ');
    const late = dial();
    late.socket.write('x');
    await waitFor(() => accepted.length === 2);
    expect(peer.reads).toEqual([]);
    client.socket.write('two');
    proxy.setMode('pass');
    await waitFor(() => peer.reads.join('') === 'one two');
  });

  it('joins packets into one read when it coalesces, also with the end behind them', async () => {
    const [client, peer] = await open();
    proxy.setMode('coalesce');
    for (const word of ['one ', 'two ', 'three']) {
      await new Promise((resolve) => peer.socket.write(word, resolve));
    }
    peer.socket.end();
    await waitFor(() => client.closed());
    expect(client.reads).toEqual(['one two three']);
  });

  it('delivers a packet in several reads when it splits', async () => {
    const [client, peer] = await open();
    proxy.setMode('split');
    const packet = 'x'.repeat(5_000);
    peer.socket.write(packet);
    await waitFor(() => client.reads.join('') === packet);
    expect(client.reads.length).toBeGreaterThan(3);
  });

  it('delays packets when it is slow and keeps their order', async () => {
    const [client, peer] = await open();
    proxy.setMode('slow');
    const sentMs = performance.now();
    client.socket.write('one ');
    client.socket.write('two');
    await waitFor(() => peer.reads.join('') === 'one two');
    expect(performance.now() - sentMs).toBeGreaterThan(100);
  });

  it('passes back-pressure on and loses nothing of a large transfer', async () => {
    const [client, peer] = await open();
    peer.socket.pause();
    const size = 8 * 2 ** 20;
    client.socket.write(Buffer.alloc(size, 'y'));
    peer.socket.resume();
    await waitFor(() => peer.reads.reduce((sum, read) => sum + read.length, 0) === size);
  });

  function dial(): Peer {
    const client = watch(connect(proxy.port, '127.0.0.1'));
    clients.push(client);
    return client;
  }

  async function open(): Promise<[client: Peer, peer: Peer]> {
    const before = accepted.length;
    const client = dial();
    await waitFor(() => accepted.length > before);
    return [client, accepted[before]!];
  }
});

function watch(socket: Socket): Peer {
  const reads: string[] = [];
  socket.setNoDelay(true);
  socket.on('error', () => undefined);
  socket.on('data', (bytes: Buffer) => reads.push(bytes.toString()));
  return { socket, reads, closed: () => socket.destroyed };
}
