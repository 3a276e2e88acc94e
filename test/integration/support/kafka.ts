import { createServer, connect, type AddressInfo, type Server, type Socket } from 'node:net';

import { Kafka, logLevel, type IHeaders } from 'kafkajs';

import { startKafkaMock, type TestKafka } from '../../support/kafka.js';
import { waitFor } from '../../support/processes.js';

const METADATA = 3;
const FIRST_BROKER = 1;

export interface InterruptibleKafka extends TestKafka {
  /** Past the interruption, for subscribers; as `startKafkaMock` has them. */
  readonly steadyBrokers: string;
  /** Cuts all connections and lets nobody in, as a broken network would. */
  interrupt(): void;
  restore(): void;
}

/**
 * {@link startKafkaMock} with a proxy before each broker, for two reasons: to interrupt the connection, and to mend a
 * fault of librdkafka's mock cluster. It says that the controller is broker 0, though its brokers are 1 to 3, and
 * kafkajs asks the controller when an idempotent producer connects. So the proxies put themselves and the right
 * controller into the metadata that passes through.
 */
export async function startInterruptibleKafka(): Promise<InterruptibleKafka> {
  const kafka = await startMock();
  const proxies = new Map<number, number>();
  const servers: Server[] = [];
  const sockets = new Set<Socket>();
  let interrupted = false;
  for (const address of kafka.brokers.split(',')) {
    const port = Number(address.split(':')[1]);
    const server = createServer((client) => {
      if (interrupted) {
        client.destroy();
        return;
      }
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
  const cut = (): void => {
    interrupted = true;
    for (const socket of sockets) socket.destroy();
  };
  return {
    ...kafka,
    brokers: [...proxies.values()].map((port) => `127.0.0.1:${port}`).join(','),
    steadyBrokers: kafka.brokers,
    interrupt: cut,
    restore: () => {
      interrupted = false;
    },
    stop: async () => {
      cut();
      for (const server of servers) server.close();
      await kafka.stop();
    },
  };
}

/** The mock cluster also where KAFKA_BROKERS names another: that one cannot be interrupted. */
async function startMock(): Promise<TestKafka> {
  const given = process.env['KAFKA_BROKERS'];
  delete process.env['KAFKA_BROKERS'];
  try {
    return await startKafkaMock();
  } finally {
    if (given !== undefined) process.env['KAFKA_BROKERS'] = given;
  }
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

export interface Subscriber {
  /** Everything that has come so far, in the order of each partition. */
  readonly received: readonly ReceivedMessage[];
  /** Waits for that many messages of a type, and returns all there are of it. */
  messages(eventType: string, count: number): Promise<ReceivedMessage[]>;
  close(): Promise<void>;
}

/** Follows a topic from its beginning, as a service that subscribes to us does. */
export async function subscribe(brokers: string, topic: string): Promise<Subscriber> {
  const kafka = new Kafka({ brokers: brokers.split(','), logLevel: logLevel.NOTHING });
  const consumer = kafka.consumer({ groupId: `subscriber-${topic}`, maxWaitTimeInMs: 50 });
  const received: ReceivedMessage[] = [];
  await consumer.connect();
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
  return {
    received,
    messages: async (eventType, count) => {
      const ofType = (): ReceivedMessage[] => received.filter(({ key }) => key === eventType);
      await waitFor(() => ofType().length >= count, 20_000, { what: `${count} messages ${eventType}` });
      return ofType();
    },
    close: () => consumer.disconnect(),
  };
}

function textOf(headers: IHeaders): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
}
