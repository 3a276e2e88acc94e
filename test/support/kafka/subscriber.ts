import { randomUUID } from 'node:crypto';

import type { IHeaders } from 'kafkajs';

import { waitFor } from '../processes.js';
import { clientOf } from './client.js';
import { makeTopic } from './topics.js';

/** A message as a subscriber receives it. */
export interface ReceivedMessage {
  readonly partition: number;
  readonly offset: number;
  readonly key: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  /** parsed from JSON; null is a tombstone */
  readonly value: unknown;
}

export interface SubscribeOptions {
  /** default: a new group for this subscriber */
  readonly groupId?: string;
  /** Checks each message as it arrives; `messages` and `close` reject with what it throws. */
  readonly validate?: (message: ReceivedMessage) => void;
}

export interface Subscriber {
  /** Every message so far, in the order of each partition. */
  readonly received: readonly ReceivedMessage[];
  /**
   * Waits for that many messages whose key is this event type, and returns all of them.
   *
   * @throws for the first message that is not JSON or not valid
   */
  messages(eventType: string, count: number): Promise<ReceivedMessage[]>;
  close(): Promise<void>;
}

/** Follows a topic from its beginning, as a subscribing service does. */
export async function subscribe(
  brokers: string,
  topic: string,
  options: SubscribeOptions = {},
): Promise<Subscriber> {
  await makeTopic(brokers, topic);
  const consumer = clientOf(brokers).consumer({
    groupId: options.groupId ?? `subscriber-${topic}-${randomUUID()}`,
    maxWaitTimeInMs: 50,
    // Apache Kafka allows no less, and on the mock cluster a new member waits nearly that long for earlier ones.
    sessionTimeout: 6_000,
    heartbeatInterval: 1_000,
  });
  const received: ReceivedMessage[] = [];
  const failures: unknown[] = [];
  const throwFailure = (): void => {
    if (failures.length > 0) throw failures[0];
  };
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await consumer.run({
    // An exception here would make kafkajs deliver the same message again without end.
    eachMessage: async ({ partition, message }) => {
      try {
        const read: ReceivedMessage = {
          partition,
          offset: Number(message.offset),
          key: message.key?.toString(),
          headers: textOf(message.headers ?? {}),
          value: JSON.parse(message.value?.toString() ?? 'null') as unknown,
        };
        received.push(read);
        options.validate?.(read);
      } catch (error) {
        const where = `${topic}, partition ${partition}, offset ${message.offset}`;
        failures.push(new Error(`${where}: ${String(error)}`, { cause: error }));
      }
    },
  });
  return {
    received,
    messages: async (eventType, count) => {
      const ofType = (): ReceivedMessage[] => received.filter(({ key }) => key === eventType);
      await waitFor(() => failures.length > 0 || ofType().length >= count, 20_000, {
        what: `${count} messages ${eventType}`,
      });
      throwFailure();
      return ofType();
    },
    close: async () => {
      await consumer.disconnect();
      throwFailure();
    },
  };
}

function textOf(headers: IHeaders): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
}
