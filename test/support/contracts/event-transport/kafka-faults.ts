import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Socket } from 'node:net';

import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';

import type { EventChannel, EventTransport } from '../../../../src/infrastructure/outbox/event-transport.js';
import { outboundMessage } from '../../builders.js';
import { rejectionOf } from '../../failures.js';
import { isRealKafka, startKafka, withKafka, type ProxiedKafka } from '../../kafka/cluster.js';
import { kafkaConfigOf } from '../../kafka/config.js';
import { lengthOf } from '../../kafka/topics.js';
import { freePort } from '../../processes.js';
import { RECOVERY_MS } from '../../recovery.js';
import type { OpenKafkaTransport } from './kafka-transports.js';

const TOPIC_AUTHORIZATION_FAILED = 29;
const NOT_ENOUGH_REPLICAS = 19;
const NOT_LEADER_FOR_PARTITION = 6;
const OUT_OF_ORDER_SEQUENCE_NUMBER = 45;
const MESSAGE_TOO_LARGE = 10;
const REQUEST_TIMED_OUT = 7;

/** Bounds a close, which takes about a second, on a busy machine. */
const CLOSE_MS = 5_000;

/** Describes how every client library stands the faults of brokers and networks. */
export function describeKafkaFaults(client: string, open: OpenKafkaTransport): void {
  describe(`faults with ${client}`, () => {
    let kafka: ProxiedKafka;
    let transport: EventTransport;
    let channel: EventChannel;
    let topic: string;

    beforeAll(async () => {
      kafka = await startKafka();
    });

    afterEach(async () => {
      kafka.refuseWrites(null);
      kafka.restore();
      kafka.thaw();
      await channel?.close();
    });

    afterAll(() => kafka.stop());

    async function connect(): Promise<void> {
      topic = `faults-${randomUUID()}`;
      transport = open(kafkaConfigOf(kafka.brokers, { topicAnalytics: topic }));
      channel = transport.openChannel();
      await channel.send([outboundMessage()]);
    }

    it('connections that fall silent are replaced, and the batch is acknowledged', async () => {
      await connect();
      kafka.silence();
      await within(RECOVERY_MS, channel.send([outboundMessage()]));
    }, 60_000);

    it('a channel closes in time although its broker does not answer, and the call in flight fails', async () => {
      await connect();
      kafka.freeze();
      const sending = rejectionOf(channel.send([outboundMessage()]));
      await within(CLOSE_MS, channel.close());
      expect(await sending).toBeInstanceOf(Error);
    }, 30_000);

    it.each([
      ['was lost with its connection', () => kafka.loseNextAnswer()],
      ['named another leader', () => kafka.refuseWrites(NOT_LEADER_FOR_PARTITION, 1)],
      ['named a time-out', () => kafka.refuseWrites(REQUEST_TIMED_OUT, 1)],
    ])(
      'a batch is stored once although the first answer %s',
      async (_, fail) => {
        await connect();
        const batch = Array.from({ length: 50 }, (__, i) => outboundMessage({ subject: `u:${i}` }));
        fail();
        await channel.send(batch);
        await channel.send([outboundMessage({ subject: 'u:0' })]);
        const [length, sent] = [await lengthOf(kafka.steadyBrokers, topic), 1 + batch.length + 1];
        // The mock cluster does not look at the numbers by which brokers recognize repeats.
        if (isRealKafka()) expect(length).toBe(sent);
        else expect(length).toBeGreaterThanOrEqual(sent);
      },
      30_000,
    );

    it.each([
      ['the right to write is missing', TOPIC_AUTHORIZATION_FAILED, /authori/i],
      ['too few replicas are in sync', NOT_ENOUGH_REPLICAS, /in-sync replicas/i],
      ['no broker admits to lead', NOT_LEADER_FOR_PARTITION, /leader/i],
      ['the numbers of the producer are rejected', OUT_OF_ORDER_SEQUENCE_NUMBER, /sequence/i],
    ])(
      'the check fails while writes are refused because %s, and passes after the next one',
      async (...scene) => {
        const [, error, reason] = scene;
        await connect();
        await transport.check();
        kafka.refuseWrites(error);
        expect(String(await rejectionOf(channel.send([outboundMessage()])))).toMatch(reason);
        expect(String(await rejectionOf(transport.check()))).toMatch(reason);
        kafka.refuseWrites(null);
        await channel.send([outboundMessage()]);
        await transport.check();
      },
    );

    it('the check passes after a single batch was refused for its size', async () => {
      await connect();
      kafka.refuseWrites(MESSAGE_TOO_LARGE);
      await rejectionOf(channel.send([outboundMessage()]));
      await transport.check();
    });

    it('the check fails while one broker of the cluster is unreachable', async () => {
      await connect();
      kafka.interrupt(kafka.steadyBrokers.split(',').at(-1));
      await expect(transport.check()).rejects.toThrow();
      kafka.restore();
      await transport.check();
    }, 30_000);

    it.each([
      ['an answer without a body', Buffer.alloc(4)],
      ['an answer of three bytes', Buffer.from([0, 0, 0, 3, 1, 2, 3])],
      ['an answer of a negative length', Buffer.from([0xff, 0xff, 0xff, 0xf0, 1, 2, 3, 4])],
      ['an answer to another request', Buffer.from([0, 0, 0, 8, 0x7f, 2, 3, 4, 1, 2, 3, 4])],
      ['a web server', Buffer.from('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n')],
    ])(
      'a peer that does not speak the protocol fails the send and not the process: %s',
      async (_, answer) => {
        const sockets = new Set<Socket>();
        const server = createServer((socket) => {
          sockets.add(socket);
          socket.on('error', () => undefined);
          socket.once('data', () => socket.end(answer));
        });
        await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
        const { port } = server.address() as AddressInfo;
        const own = open(kafkaConfigOf(`127.0.0.1:${port}`)).openChannel();
        try {
          await expect(own.send([outboundMessage()])).rejects.toThrow();
        } finally {
          await own.close();
          for (const socket of sockets) socket.destroy();
          server.close();
        }
      },
      30_000,
    );

    it('a Kafka without a listener fails the check and the send', async () => {
      const nowhere = open(kafkaConfigOf(`127.0.0.1:${await freePort()}`));
      const toNowhere = nowhere.openChannel();
      await expect(nowhere.check()).rejects.toThrow();
      await expect(toNowhere.send([outboundMessage()])).rejects.toThrow();
      await toNowhere.close();
    });

    it('a Kafka behind TLS accepts a client with its authority and a client certificate, and no other', async () => {
      await withKafka({ tls: true, clientCertificates: true }, async (secured) => {
        const [ca, cert, key] = [secured.caFile, secured.certFile, secured.keyFile].map((file) =>
          readFileSync(file ?? '', 'utf8'),
        ) as [string, string, string];
        await checkAndSend(open, secured.brokers, { tls: { ca, cert, key } });
        await expect(checkAndSend(open, secured.brokers, { tls: { ca } })).rejects.toThrow();
        await expect(checkAndSend(open, secured.brokers, { tls: {} })).rejects.toThrow(/certificate/i);
        await expect(checkAndSend(open, secured.brokers, { tls: null })).rejects.toThrow();
      });
    }, 60_000);
  });
}

/** Checks a transport with these settings and sends one message. */
export async function checkAndSend(
  open: OpenKafkaTransport,
  brokers: string,
  overrides: Parameters<typeof kafkaConfigOf>[1],
): Promise<void> {
  const transport = open(kafkaConfigOf(brokers, overrides));
  const channel = transport.openChannel();
  try {
    await transport.check();
    await channel.send([outboundMessage()]);
  } finally {
    await channel.close();
  }
}

async function within(limitMs: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not within ${limitMs} ms`)), limitMs);
  });
  await Promise.race([work, late]).finally(() => clearTimeout(timer));
}
