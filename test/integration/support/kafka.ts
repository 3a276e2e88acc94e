import { createServer, connect, type AddressInfo, type Server, type Socket } from 'node:net';

import { Kafka, logLevel, type IHeaders } from 'kafkajs';

import { startKafkaMock, type TestKafka } from '../../support/kafka.js';
import { waitFor } from '../../support/processes.js';

const METADATA = 3;
const FIRST_BROKER = 1;

/**
 * {@link startKafkaMock}, with one fault of librdkafka's mock cluster mended on the way: it says that the controller is
 * broker 0, though its brokers are 1 to 3, and kafkajs asks the controller when an idempotent producer connects. So a
 * proxy stands before each broker, and puts itself and the right controller into the metadata that passes through.
 */
export async function startKafka(): Promise<TestKafka> {
  const kafka = await startKafkaMock();
  if (process.env['KAFKA_BROKERS']) return kafka;
  const proxies = new Map<number, number>();
  const servers: Server[] = [];
  const sockets = new Set<Socket>();
  for (const address of kafka.brokers.split(',')) {
    const port = Number(address.split(':')[1]);
    const server = createServer((client) => {
      const broker = connect(port, '127.0.0.1');
      relay(client, broker, proxies);
      for (const socket of [client, broker]) {
        sockets.add(socket);
        socket.once('close', () => {
          sockets.delete(socket);
          client.destroy();
          broker.destroy();
        });
      }
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    server.unref();
    servers.push(server);
    proxies.set(port, (server.address() as AddressInfo).port);
  }
  return {
    ...kafka,
    brokers: [...proxies.values()].map((port) => `127.0.0.1:${port}`).join(','),
    stop: async () => {
      for (const server of servers) server.close();
      for (const socket of sockets) socket.destroy();
      await kafka.stop();
    },
  };
}

function relay(client: Socket, broker: Socket, proxies: ReadonlyMap<number, number>): void {
  // Versions of the metadata requests that wait for their answers, by correlation id.
  const asked = new Map<number, number>();
  client.on('error', () => undefined);
  broker.on('error', () => undefined);
  client.on(
    'data',
    frames((frame) => {
      if (frame.readInt16BE(4) === METADATA) asked.set(frame.readInt32BE(8), frame.readInt16BE(6));
      broker.write(frame);
    }),
  );
  broker.on(
    'data',
    frames((frame) => {
      const version = asked.get(frame.readInt32BE(4));
      if (version !== undefined) mendMetadata(frame, version, proxies);
      asked.delete(frame.readInt32BE(4));
      client.write(frame);
    }),
  );
}

/** Cuts a stream into Kafka's frames: four bytes of length, then as many bytes. */
function frames(handle: (frame: Buffer) => void): (chunk: Buffer) => void {
  let rest = Buffer.alloc(0);
  return (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= 4 && rest.length >= 4 + rest.readInt32BE(0)) {
      const length = 4 + rest.readInt32BE(0);
      handle(Buffer.from(rest.subarray(0, length)));
      rest = rest.subarray(length);
    }
  };
}

/** Versions 1 to 8, in place: ports and ids have a fixed length, and all hosts are the same. */
function mendMetadata(frame: Buffer, version: number, proxies: ReadonlyMap<number, number>): void {
  let at = 8 + (version >= 3 ? 4 : 0);
  const skipString = (): void => {
    at += 2 + Math.max(0, frame.readInt16BE(at));
  };
  const brokers = frame.readInt32BE(at);
  at += 4;
  for (let i = 0; i < brokers; i++) {
    at += 4;
    skipString();
    frame.writeInt32BE(proxies.get(frame.readInt32BE(at)) ?? 0, at);
    at += 4;
    skipString();
  }
  if (version >= 2) skipString();
  frame.writeInt32BE(FIRST_BROKER, at);
}

/** What a subscriber finds in a topic. */
export interface ReceivedMessage {
  readonly partition: number;
  readonly key: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly value: unknown;
}

/** Reads a topic as a subscriber does, from its beginning until it has seen that many messages. */
export async function readTopic(brokers: string, topic: string, count: number): Promise<ReceivedMessage[]> {
  const kafka = new Kafka({ brokers: brokers.split(','), logLevel: logLevel.NOTHING });
  const consumer = kafka.consumer({ groupId: `test-${topic}`, maxWaitTimeInMs: 50, sessionTimeout: 6_000 });
  const received: ReceivedMessage[] = [];
  await consumer.connect();
  try {
    await consumer.subscribe({ topic, fromBeginning: true });
    await consumer.run({
      eachMessage: async ({ partition, message }) => {
        received.push({
          partition,
          key: message.key?.toString(),
          headers: textOf(message.headers ?? {}),
          value: JSON.parse(message.value?.toString() ?? 'null') as unknown,
        });
      },
    });
    await waitFor(() => received.length >= count, 20_000, { what: `${count} messages in ${topic}` });
    return received;
  } finally {
    await consumer.disconnect();
  }
}

function textOf(headers: IHeaders): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
}
