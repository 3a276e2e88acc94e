import { connect, createServer, type AddressInfo } from 'node:net';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { startKafkaProxy, type KafkaProxy } from '../../support/kafka/proxy/proxy.js';
import {
  compactString,
  frameOf,
  int16,
  int32,
  string as text,
  varint,
} from '../../support/kafka/proxy/wire.js';

describe('answers of brokers through the Kafka proxies', () => {
  const BROKERS: readonly BrokerAddress[] = [
    { id: 4, host: 'b', port: 1 },
    { id: 5, host: 'broker-5.kafka.svc.cluster.local', port: 9092 },
    { id: 6, host: '::1', port: 9093 },
  ];
  let fake: FakeBroker;
  let proxy: KafkaProxy;
  let proxies: readonly BrokerAddress[];

  beforeAll(async () => {
    fake = await startFakeBroker();
    const [, second, third] = BROKERS;
    // The fake stands in for the first broker, since no client can connect to host b.
    proxy = await startKafkaProxy(
      `127.0.0.1:${fake.port},b:1,${second!.host}:${second!.port},[${third!.host}]:${third!.port}`,
    );
    const ports = proxy.brokers.split(',').map((address) => Number(address.split(':')[1]));
    proxies = BROKERS.map(({ id }, i) => ({ id, host: '127.0.0.1', port: ports[i + 1]! }));
  });

  afterAll(async () => {
    await proxy.stop();
    fake.close();
  });

  /** Returns the body that the proxy makes of the fake's answer; null when it cuts the connection. */
  async function pass(key: number, version: number, answer: Buffer): Promise<Buffer | null> {
    fake.answerWith(answer);
    const socket = connect(Number(proxy.brokers.split(',')[0]!.split(':')[1]), '127.0.0.1');
    const chunks: Buffer[] = [];
    const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
    const answered = new Promise<void>((resolve) => {
      socket.on('data', (chunk) => {
        chunks.push(chunk);
        const all = Buffer.concat(chunks);
        if (all.length >= 4 && all.length >= 4 + all.readInt32BE()) resolve();
      });
    });
    socket.write(frameOf(int16(key), int16(version), int32(CORRELATION), text('client'), Buffer.alloc(8)));
    await Promise.race([answered, closed]);
    socket.destroy();
    if (chunks.length === 0) return null;
    const all = Buffer.concat(chunks);
    expect(all.readInt32BE(0)).toBe(all.length - 4);
    expect(all.readInt32BE(4)).toBe(CORRELATION);
    return all.subarray(8);
  }

  const metadata = (version: number, brokers: readonly BrokerAddress[], controller: number): Buffer =>
    Buffer.concat([
      ...(version >= 3 ? [int32(7)] : []),
      int32(brokers.length),
      ...brokers.flatMap(({ id, host, port }) => [
        int32(id),
        text(host),
        int32(port),
        ...(version >= 1 ? [id === 5 ? text('rack') : int16(-1)] : []),
      ]),
      ...(version >= 2 ? [text('cluster')] : []),
      ...(version >= 1 ? [int32(controller)] : []),
      Buffer.from('topics'),
    ]);

  const noTags = varint(0);

  /** Metadata in the compact encoding of version 9; the head of the answer has a tag of two bytes. */
  const compactMetadata = (brokers: readonly BrokerAddress[], controller: number): Buffer =>
    Buffer.concat([
      ...[varint(1), varint(0), varint(2), Buffer.from('ab')],
      int32(7),
      varint(brokers.length + 1),
      ...brokers.flatMap(({ id, host, port }) => [
        ...[int32(id), compactString(host), int32(port)],
        ...[id === 5 ? compactString('rack'.repeat(50)) : varint(0), noTags],
      ]),
      ...[compactString('cluster'), int32(controller)],
      Buffer.from('topics'),
    ]);

  const coordinator = (version: number, { id, host, port }: BrokerAddress, error = 0): Buffer =>
    Buffer.concat([
      ...(version >= 1 ? [int32(7), int16(error), int16(-1)] : [int16(error)]),
      ...[int32(id), text(host), int32(port)],
    ]);

  it.each([0, 1, 2, 3, 4, 5, 6, 7, 8])('name the proxies in metadata of version %i', async (version) => {
    expect(await pass(3, version, metadata(version, BROKERS, 5))).toEqual(metadata(version, proxies, 5));
    // Broker 0, the controller, does not exist.
    expect(await pass(3, version, metadata(version, BROKERS, 0))).toEqual(metadata(version, proxies, 4));
    expect(await pass(3, version, metadata(version, [], -1))).toEqual(metadata(version, [], -1));
  });

  it('name the proxies in metadata of version 9', async () => {
    expect(await pass(3, 9, compactMetadata(BROKERS, 5))).toEqual(compactMetadata(proxies, 5));
    // Broker 0, the controller, does not exist.
    expect(await pass(3, 9, compactMetadata(BROKERS, 0))).toEqual(compactMetadata(proxies, 4));
  });

  it.each([0, 1, 2])('name the proxy of a coordinator in version %i', async (version) => {
    expect(await pass(10, version, coordinator(version, BROKERS[1]!))).toEqual(
      coordinator(version, proxies[1]!),
    );
    const none = coordinator(version, { id: -1, host: '', port: -1 }, 15);
    expect(await pass(10, version, none)).toEqual(none);
  });

  it('offer only versions that the proxy can read', async () => {
    const ranges = (...all: (readonly [number, number, number])[]): Buffer =>
      Buffer.concat([int32(all.length), ...all.flat().map(int16)]);
    const [head, tail] = [int16(0), int32(7)];
    expect(
      await pass(
        18,
        2,
        Buffer.concat([head, ranges([1, 4, 17], [3, 0, 13], [10, 0, 6], [17, 0, 1], [18, 0, 4]), tail]),
      ),
    ).toEqual(Buffer.concat([head, ranges([1, 4, 17], [3, 0, 9], [10, 0, 2], [18, 0, 3]), tail]));
    expect(await pass(18, 4, Buffer.alloc(0))).toEqual(Buffer.concat([int16(35), ranges([18, 0, 3])]));
    expect(await pass(3, 10, Buffer.alloc(40))).toBeNull();
  });

  it('offer only versions that the proxy can read in the compact encoding', async () => {
    const ranges = (...all: (readonly [number, number, number])[]): Buffer =>
      Buffer.concat([
        varint(all.length + 1),
        ...all.map((range) => Buffer.concat([...range.map(int16), noTags])),
      ]);
    const [head, tail] = [int16(0), Buffer.concat([int32(7), noTags])];
    expect(
      await pass(18, 3, Buffer.concat([head, ranges([0, 3, 12], [3, 0, 13], [17, 0, 1], [1, 4, 17]), tail])),
    ).toEqual(Buffer.concat([head, ranges([0, 3, 7], [3, 0, 9], [1, 4, 17]), tail]));
    // A broker refuses a version in the form of version 0.
    const refused = Buffer.concat([int16(35), int32(1), int16(18), int16(0), int16(2)]);
    expect(await pass(18, 3, refused)).toEqual(refused);
  });

  it('pass unchanged otherwise, and another protocol is cut off', async () => {
    const large = Buffer.alloc(3_000_000, 'fetched');
    expect((await pass(1, 11, large))?.equals(large)).toBe(true);
    const socket = connect(Number(proxy.brokers.split(',')[0]!.split(':')[1]), '127.0.0.1');
    socket.write('GET / HTTP/1.1\r\n\r\n');
    await new Promise((resolve) => socket.once('close', resolve));
  });
});

interface BrokerAddress {
  readonly id: number;
  readonly host: string;
  readonly port: number;
}

const CORRELATION = 4711;

interface FakeBroker {
  readonly port: number;
  answerWith(body: Buffer): void;
  close(): void;
}

/** Answers every request with the body of the last `answerWith`. */
async function startFakeBroker(): Promise<FakeBroker> {
  let answer = Buffer.alloc(0);
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', () => socket.write(frameOf(int32(CORRELATION), answer)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    answerWith: (body) => void (answer = Buffer.from(body)),
    close: () => server.close(),
  };
}
