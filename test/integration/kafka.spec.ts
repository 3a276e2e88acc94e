import { it, expect } from '@jest/globals';
import { KafkaEventTransport } from '../../src/infrastructure/kafka/kafka-event-transport.js';
import { startKafka, readTopic } from './support/kafka.js';
it('x', async () => {
  let t = performance.now();
  const k = await startKafka();
  console.log('start', performance.now() - t); t = performance.now();
  const tr = new KafkaEventTransport({ brokers: k.brokers.split(','), topicAnalytics: 'x1' });
  await tr.check();
  console.log('check', performance.now() - t); t = performance.now();
  await tr.send([{ eventId: 'a', eventType: 'b', subject: 'u:1', occurredAt: new Date(), payload: { a: 1 } }]);
  console.log('send', performance.now() - t); t = performance.now();
  console.log(await readTopic(k.brokers, 'x1', 1));
  console.log('read', performance.now() - t); t = performance.now();
  await tr.close();
  await k.stop();
  expect(1).toBe(1);
});
