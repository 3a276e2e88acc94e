import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { startKafka, type ProxiedKafka } from '../../support/kafka/cluster.js';
import { readTopicWithKcat } from '../../support/kafka/kcat.js';
import { newTopic, shortTimeoutClient } from '../../support/kafka/short-timeout-client.js';
import { subscribe } from '../../support/kafka/subscriber.js';
import { committedOffset, produceRaw } from '../../support/kafka/topics.js';
import { waitFor } from '../../support/processes.js';

describe('Kafka clients of the tests', () => {
  let kafka: ProxiedKafka;

  beforeAll(async () => {
    kafka = await startKafka();
  });

  afterAll(() => kafka.stop());

  it('transfer raw messages byte by byte', async () => {
    const topic = newTopic();
    const poison = Buffer.from([0xff, 0x00, 0xfe, 0x7b, 0x0a]);
    await produceRaw(kafka.steadyBrokers, topic, [
      { key: null, value: poison, headers: { 'event-id': Buffer.from([0xc3, 0x28]) }, partition: 0 },
      { key: 'tombstone', value: null, partition: 0 },
      { key: Buffer.from('text'), value: '{"half":', headers: { 'event-type': 'x' }, partition: 0 },
    ]);

    const consumer = shortTimeoutClient(kafka.steadyBrokers, { requestTimeout: 10_000 }).consumer({
      groupId: `raw-${topic}`,
      maxWaitTimeInMs: 50,
    });
    const values: (Buffer | null)[] = [];
    const headers: unknown[] = [];
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    await consumer.run({
      eachMessage: async ({ message }) => {
        values.push(message.value);
        headers.push(message.headers);
      },
    });
    await waitFor(() => values.length === 3);
    await consumer.disconnect();
    expect(values).toEqual([poison, null, Buffer.from('{"half":')]);
    expect(headers[0]).toEqual({ 'event-id': Buffer.from([0xc3, 0x28]) });

    const { messages } = await readTopicWithKcat(kafka.steadyBrokers, topic, { count: 3 });
    expect(messages.slice(1)).toEqual([
      { topic, partition: 0, offset: 1, key: 'tombstone', payload: null, headers: {} },
      { topic, partition: 0, offset: 2, key: 'text', payload: '{"half":', headers: { 'event-type': 'x' } },
    ]);
  });

  it('report a message that is not JSON and one that is not valid', async () => {
    const [topic, other] = [newTopic(), newTopic()];
    await produceRaw(kafka.steadyBrokers, topic, [{ key: 'k', value: '{"half":', partition: 2 }]);
    await produceRaw(kafka.steadyBrokers, other, [{ key: 'k', value: '1', partition: 0 }]);
    const [plain, strict] = await Promise.all([
      subscribe(kafka.steadyBrokers, topic),
      subscribe(kafka.steadyBrokers, other, { validate: ({ value }) => expect(value).toBe(2) }),
    ]);
    await expect(plain.messages('k', 1)).rejects.toThrow(`${topic}, partition 2, offset 0: SyntaxError`);
    await expect(plain.close()).rejects.toThrow('SyntaxError');
    await expect(strict.messages('k', 1)).rejects.toThrow('partition 0, offset 0: Error: expect');
    expect(strict.received).toHaveLength(1);
    await expect(strict.close()).rejects.toThrow('Error: expect');
  });

  it('commit what a named group has read', async () => {
    const topic = newTopic();
    const groupId = `named-${topic}`;
    await produceRaw(kafka.steadyBrokers, topic, [{ key: 'k', value: '1', partition: 3 }]);
    const subscriber = await subscribe(kafka.steadyBrokers, topic, { groupId });
    expect(await subscriber.messages('k', 1)).toMatchObject([{ partition: 3, offset: 0, value: 1 }]);
    await subscriber.close();
    expect(await committedOffset(kafka.steadyBrokers, groupId, topic, 3)).toBe(1);
    expect(await committedOffset(kafka.steadyBrokers, groupId, topic, 0)).toBe(-1);
  });

  it('fail within the time limit when kcat misses a message', async () => {
    const topic = newTopic();
    await produceRaw(kafka.steadyBrokers, topic, [{ key: null, value: 'only' }]);
    await expect(
      readTopicWithKcat(kafka.steadyBrokers, topic, { count: 2, timeoutMs: 1_000 }),
    ).rejects.toThrow(/not within 1000 ms[^]*only/);
  });
});
