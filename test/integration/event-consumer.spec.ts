import { Logger } from '@nestjs/common';
import { afterAll, beforeAll, expect, it } from '@jest/globals';

import type { KafkaConfig } from '../../src/config/kafka.config.js';
import type { InboundMessage, MessageHandler } from '../../src/application/ports/event-consumer.port.js';
import { deadLetterTopicOf } from '../../src/infrastructure/kafka/dead-letters/dead-letter.js';
import { EventConsumerService } from '../../src/infrastructure/kafka/event-consumer.service.js';
import type { KafkaProducer } from '../../src/infrastructure/kafka/kafka-producer.js';
import { SystemClock } from '../../src/infrastructure/system/system-clock.js';
import { dependencyUnavailable } from '../../src/shared/exceptions/application.exception.js';
import { DomainException } from '../../src/shared/exceptions/domain.exception.js';
import { consumerMessagesTotal, metricsRegistry } from '../../src/shared/metrics/metrics.js';
import { gate } from '../support/deferred.js';
import { startKafka, type ProxiedKafka } from '../support/kafka/cluster.js';
import { kafkaConfigOf } from '../support/kafka/config.js';
import { readTopicWithKcat, type KcatMessage } from '../support/kafka/kcat.js';
import { committedOffset, produceRaw, type RawMessage } from '../support/kafka/topics.js';
import { sleep, waitFor } from '../support/processes.js';

// Outages are part of what is tested here; their warnings are of no interest.
Logger.overrideLogger(false);

const PARTITIONS = 4;

/** The least that Apache Kafka allows; waiting for members that are gone is most of what these tests do. */
const TIMING = { minBackoffMs: 25, sessionTimeoutMs: 6_000 };

/** A topic and a group of one's own, and what consumes it. */
class Scene {
  readonly config: KafkaConfig;
  private consumers: EventConsumerService[] = [];

  constructor(readonly kafka: ProxiedKafka) {
    this.config = kafkaConfigOf(kafka.brokers);
  }

  consume(handle: MessageHandler): EventConsumerService {
    const consumer = new EventConsumerService(this.config, new SystemClock(), TIMING);
    this.consumers.push(consumer);
    consumer.start(handle);
    return consumer;
  }

  async stop(consumer: EventConsumerService): Promise<void> {
    this.consumers = this.consumers.filter((other) => other !== consumer);
    await consumer.beforeApplicationShutdown();
  }

  async end(): Promise<void> {
    await Promise.all(this.consumers.map((consumer) => consumer.beforeApplicationShutdown()));
  }

  produce(messages: readonly RawMessage[]): Promise<void> {
    return produceRaw(this.kafka.steadyBrokers, this.config.topicIdentity, messages);
  }

  originOf(partition: number, offset: number): string {
    return `${this.config.topicIdentity}/${partition}/${offset}`;
  }

  committed(partition: number): Promise<number> {
    return committedOffset(
      this.kafka.brokers,
      this.config.consumerGroup,
      this.config.topicIdentity,
      partition,
    );
  }

  async deadLetters(count: number): Promise<readonly KcatMessage[]> {
    const topic = deadLetterTopicOf(this.config.topicIdentity);
    return (await readTopicWithKcat(this.kafka.steadyBrokers, topic, { count })).messages;
  }

  async counted(outcome: string): Promise<number> {
    const { values } = await consumerMessagesTotal.get();
    const ours = values.find(
      ({ labels }) => labels.topic === this.config.topicIdentity && labels.outcome === outcome,
    );
    return ours?.value ?? 0;
  }
}

type Play = (scene: Scene) => Promise<void>;

const plays: { readonly title: string; readonly play: Play; readonly alone: boolean }[] = [];
let shared: ProxiedKafka;

/** A test that mostly waits, and does so beside the others. */
function scene(title: string, play: Play): void {
  plays.push({ title, play, alone: false });
}

/** One that disturbs its Kafka, and so has it to itself. */
function disturbingScene(title: string, play: Play): void {
  plays.push({ title, play, alone: true });
}

async function perform(play: Play, alone: boolean): Promise<void> {
  const kafka = alone ? await startKafka() : shared;
  const stage = new Scene(kafka);
  try {
    await play(stage);
  } finally {
    if (alone) kafka.restore();
    await stage.end();
    if (alone) await kafka.stop();
  }
}

beforeAll(async () => {
  shared = await startKafka();
});

afterAll(() => shared.stop());

/** Keeps what it is given; `judge` may throw, or answer something else than "handled". */
function recorder(judge: MessageHandler = () => Promise.resolve('handled')) {
  const delivered: InboundMessage[] = [];
  const done: string[] = [];
  const handle: MessageHandler = async (message) => {
    delivered.push(message);
    const outcome = await judge(message);
    done.push(message.origin);
    return outcome;
  };
  return { delivered, done, handle };
}

const numbered = (from: number, to: number, partition = 0): RawMessage[] =>
  Array.from({ length: to - from }, (_, i) => ({ key: 'key', value: String(from + i), partition }));

/** Where the dead letters go, to have them refused. */
const deadLettersOf = (consumer: EventConsumerService) =>
  (consumer as unknown as { readonly deadLetters: KafkaProducer }).deadLetters;

const poison = () => new DomainException('message_not_json', { detail: 'The message is empty or no JSON' });
const outage = () => dependencyUnavailable('database', new Error('away'));

scene('the consumer delivers what was published before it first came, and what comes after', async (s) => {
  await s.produce([{ key: 'user.account.created', value: '{"a":"省"}', partition: 0 }]);
  const { delivered, handle } = recorder();
  s.consume(handle);
  await waitFor(() => delivered.length === 1, 20_000);
  await s.produce([{ key: null, value: null, partition: 1 }]);
  await waitFor(() => delivered.length === 2);
  expect(delivered).toEqual([
    { origin: s.originOf(0, 0), key: 'user.account.created', value: '{"a":"省"}' },
    { origin: s.originOf(1, 0), key: null, value: null },
  ]);
});

scene('the consumer commits after the work, and goes on from there', async (s) => {
  await s.produce(numbered(0, 700));
  const first = recorder();
  const consumer = s.consume(first.handle);
  await waitFor(() => first.done.length === 700, 20_000);
  await s.stop(consumer);
  expect(await s.committed(0)).toBe(700);
  await s.produce(numbered(700, 710));
  const second = recorder();
  s.consume(second.handle);
  await waitFor(() => second.done.length === 10, 20_000);
  expect(second.delivered.map(({ value }) => value)).toEqual(numbered(700, 710).map(({ value }) => value));
});

scene('the consumer counts what it skips', async (s) => {
  await s.produce(numbered(0, 3));
  const { delivered, handle } = recorder(() => Promise.resolve('skipped'));
  s.consume(handle);
  await waitFor(() => delivered.length === 3, 20_000);
  await waitFor(async () => (await s.counted('skipped')) === 3);
  expect(await s.counted('handled')).toBe(0);
});

scene('the consumer says how far behind it is, and whether it takes part', async (s) => {
  const metric = (name: string) => metricsRegistry.getSingleMetricAsString(name);
  await s.produce(numbered(0, 5));
  const release = gate();
  const { handle } = recorder(async ({ value }) => {
    if (value === '4') await release.opened;
    return 'handled';
  });
  const consumer = s.consume(handle);
  const joined = `analytics_consumer_joined{topic="${s.config.topicIdentity}"}`;
  await waitFor(async () => (await metric('analytics_consumer_joined')).includes(`${joined} 1`), 20_000);
  release.open();
  await waitFor(async () =>
    (await metric('analytics_consumer_lag_messages')).includes(
      `{topic="${s.config.topicIdentity}",partition="0"} 0`,
    ),
  );
  await s.stop(consumer);
  expect(await metric('analytics_consumer_joined')).toContain(`${joined} 0`);
});

scene(
  'a message that can never be handled goes to the dead letters as it was, among good ones, and holds nothing up',
  async (s) => {
    const bytes = Buffer.from([0x7b, 0xff, 0x22]);
    await s.produce([
      ...numbered(0, 2),
      { key: 'user.account.created', value: bytes, partition: 0, headers: { trace: 'abc' } },
      ...numbered(3, 4),
      { key: 'user.account.created', value: null, partition: 0 },
      ...numbered(5, 6),
    ]);
    const { delivered, handle } = recorder(({ key }) =>
      key === 'user.account.created' ? Promise.reject(poison()) : Promise.resolve('handled'),
    );
    s.consume(handle);
    await waitFor(() => delivered.length === 6, 20_000);
    await waitFor(async () => (await s.committed(0)) === 6, 20_000);
    const messages = await s.deadLetters(2);
    expect(messages).toMatchObject([
      {
        key: 'user.account.created',
        headers: {
          trace: 'abc',
          'dlq-reason': 'message_not_json',
          'dlq-detail': 'The message is empty or no JSON',
          'dlq-source-topic': s.config.topicIdentity,
          'dlq-source-partition': '0',
          'dlq-source-offset': '2',
          'dlq-source-timestamp': expect.stringMatching(/^\d{4}-.*Z$/),
          'dlq-failed-at': expect.stringMatching(/^\d{4}-.*Z$/),
        },
      },
      { key: 'user.account.created', payload: null, headers: { 'dlq-source-offset': '4' } },
    ]);
    expect(delivered).toHaveLength(6);
    expect(await s.counted('dead_lettered')).toBe(2);
    expect(await s.counted('handled')).toBe(4);
  },
);

scene(
  'a message that can never be handled that was put back is known by where it came from first',
  async (s) => {
    const headers = {
      'dlq-source-topic': s.config.topicIdentity,
      'dlq-source-partition': '3',
      'dlq-source-offset': '42',
      'dlq-source-timestamp': '2025-01-15T00:00:00.000Z',
    };
    await s.produce([{ key: 'key', value: 'again', partition: 1, headers }]);
    const { delivered, handle } = recorder(() => Promise.reject(poison()));
    s.consume(handle);
    const messages = await waitFor(() => s.deadLetters(1), 20_000);
    expect(delivered.map(({ origin }) => origin)).toEqual([s.originOf(3, 42)]);
    expect(messages[0]?.headers).toMatchObject(headers);
  },
);

disturbingScene(
  'a message that can never be handled is delivered again as long as the dead letters cannot be written',
  async (s) => {
    await s.produce(numbered(0, 3));
    let cut = true;
    const { delivered, handle } = recorder(({ value }) => {
      if (value !== '1') return Promise.resolve('handled');
      if (cut) s.kafka.interrupt();
      return Promise.reject(poison());
    });
    s.consume(handle);
    await waitFor(() => delivered.some(({ value }) => value === '1'), 20_000);
    await sleep(1_500);
    expect(await s.counted('dead_lettered')).toBe(0);
    cut = false;
    s.kafka.restore();
    const messages = await waitFor(() => s.deadLetters(1), 40_000);
    expect(messages[0]?.headers['dlq-source-offset']).toBe('1');
    await waitFor(async () => (await s.committed(0)) === 3, 20_000);
  },
);

scene(
  'a message that can never be handled keeps its offset as long as only its dead letter is refused',
  async (s) => {
    await s.produce(numbered(0, 3));
    const consumer = s.consume(({ value }) =>
      value === '1' ? Promise.reject(poison()) : Promise.resolve('handled'),
    );
    // All else of Kafka works, commits too.
    let refused = 0;
    let refuse = true;
    const deadLetters = deadLettersOf(consumer);
    const send = deadLetters.send.bind(deadLetters);
    deadLetters.send = async (records) => {
      if (!refuse) return send(records);
      refused++;
      throw new Error('not authorised to write there');
    };
    await waitFor(() => refused >= 3, 20_000);
    expect(await s.committed(0)).toBe(1);
    refuse = false;
    await waitFor(async () => (await s.committed(0)) === 3, 20_000);
    expect((await s.deadLetters(1))[0]?.headers['dlq-source-offset']).toBe('1');
  },
);

scene(
  'a message that can never be handled loses its content rather than holding its partition when it is too large',
  async (s) => {
    await s.produce(numbered(0, 4));
    const consumer = s.consume(({ value }) =>
      value === '1' || value === '2' ? Promise.reject(poison()) : Promise.resolve('handled'),
    );
    // As a broker whose limit for this topic is lower.
    const deadLetters = deadLettersOf(consumer);
    const send = deadLetters.send.bind(deadLetters);
    deadLetters.send = async (records) => {
      if (records.length > 1 || String(records[0]?.value) === '2') {
        throw Object.assign(new Error('The request is too large'), { type: 'MESSAGE_TOO_LARGE' });
      }
      return send(records);
    };
    const messages = await waitFor(() => s.deadLetters(2), 20_000);
    const bySource = new Map(messages.map((message) => [message.headers['dlq-source-offset'], message]));
    expect(bySource.get('1')).toMatchObject({ key: 'key', payload: '1' });
    expect(bySource.get('2')).toMatchObject({
      key: 'key',
      payload: null,
      headers: { 'dlq-reason': 'message_not_json', 'dlq-truncated': 'true' },
    });
    await waitFor(async () => (await s.committed(0)) === 4, 20_000);
  },
);

scene('a message that can never be handled is so after a few attempts when nobody knows why', async (s) => {
  await s.produce(numbered(0, 3));
  const { delivered, handle } = recorder(({ value }) =>
    value === '1' ? Promise.reject(new TypeError('a fault')) : Promise.resolve('handled'),
  );
  s.consume(handle);
  const messages = await waitFor(() => s.deadLetters(1), 40_000);
  expect(messages[0]?.headers).toMatchObject({ 'dlq-reason': 'internal_error', 'dlq-source-offset': '1' });
  expect(delivered.filter(({ value }) => value === '1')).toHaveLength(5);
  await waitFor(async () => (await s.committed(0)) === 3, 20_000);
});

scene(
  'a fault that passes holds its partition and no other, commits what came before it, and is tried until it is over',
  async (s) => {
    await s.produce([...numbered(0, 10, 0), ...numbered(0, 10, 1)]);
    let away = true;
    const { delivered, done, handle } = recorder((message) =>
      away && message.origin === s.originOf(0, 4) ? Promise.reject(outage()) : Promise.resolve('handled'),
    );
    s.consume(handle);
    const attempts = () => delivered.filter(({ origin }) => origin === s.originOf(0, 4)).length;
    await waitFor(() => attempts() >= 3, 30_000);
    await waitFor(async () => (await s.committed(1)) === 10, 20_000);
    expect(await s.committed(0)).toBe(4);
    away = false;
    await waitFor(async () => (await s.committed(0)) === 10, 30_000);
    expect(new Set(done).size).toBe(20);
    expect(await s.counted('dead_lettered')).toBe(0);
    expect(await s.counted('handled')).toBe(20);
  },
);

scene('a fault that passes does not end in a dead letter, however long it lasts', async (s) => {
  await s.produce(numbered(0, 1));
  const { delivered, handle } = recorder(() => Promise.reject(outage()));
  s.consume(handle);
  // More often than a fault nobody knows the reason of.
  await waitFor(() => delivered.length >= 6, 60_000);
  expect(await s.counted('dead_lettered')).toBe(0);
  expect(await s.committed(0)).toBeLessThanOrEqual(0);
});

scene('the end of a consumer waits for what is being handled, and commits it', async (s) => {
  await s.produce(numbered(0, 20));
  const [begun, release] = [gate(), gate()];
  const first = recorder(async () => {
    begun.open();
    await release.opened;
    return 'handled';
  });
  const consumer = s.consume(first.handle);
  await begun.opened;
  const stopped = s.stop(consumer);
  await sleep(200);
  release.open();
  await stopped;
  expect(first.done).toHaveLength(20);
  expect(await s.committed(0)).toBe(20);
});

disturbingScene('the end of a consumer that has just lost its brokers does not hang', async (s) => {
  await s.produce(numbered(0, 20));
  const begun = gate();
  const consumer = s.consume(async () => {
    begun.open();
    await sleep(3_000);
    return 'handled';
  });
  await begun.opened;
  s.kafka.interrupt();
  // Now it learns of it, and makes new fetch loops while the work goes on.
  await sleep(2_900);
  await s.stop(consumer);
});

disturbingScene('the end of a consumer comes at once when it has not even connected', async (s) => {
  s.kafka.interrupt();
  const consumer = s.consume(recorder().handle);
  await sleep(50);
  const started = performance.now();
  await s.stop(consumer);
  expect(performance.now() - started).toBeLessThan(8_000);
});

scene(
  'the end of a consumer hands its partitions to the others: nothing is missed while members come and go',
  async (s) => {
    const seen = new Set<string>();
    const judge: MessageHandler = async ({ origin }) => {
      await sleep(2);
      seen.add(origin);
      return 'handled';
    };
    const total = 1_200;
    const feed = (async () => {
      for (let start = 0; start < total; start += 100) {
        await s.produce(
          Array.from({ length: 100 }, (_, i) => ({
            key: 'key',
            value: String(start + i),
            partition: (start + i) % PARTITIONS,
          })),
        );
        await sleep(150);
      }
    })();
    const one = s.consume(judge);
    await waitFor(() => seen.size > 50, 20_000);
    s.consume(judge);
    await waitFor(() => seen.size > 400, 30_000);
    await s.stop(one);
    await feed;
    await waitFor(() => seen.size === total, 60_000, { what: 'all messages, by the member that is left' });
  },
);

disturbingScene('a Kafka that comes and goes is waited for, and followed when it is there', async (s) => {
  s.kafka.interrupt();
  const { delivered, handle } = recorder();
  s.consume(handle);
  await s.produce(numbered(0, 5));
  await sleep(500);
  s.kafka.restore();
  await waitFor(() => delivered.length === 5, 30_000);
});

for (const [fault, fail, heal, milliseconds] of [
  ['cut off', (k: ProxiedKafka) => k.interrupt(), (k: ProxiedKafka) => k.restore(), 3_000],
  ['frozen beyond any time limit', (k: ProxiedKafka) => k.freeze(), (k: ProxiedKafka) => k.thaw(), 12_000],
] as const) {
  disturbingScene(`a Kafka that comes and goes is followed further after it was ${fault}`, async (s) => {
    const { done, handle } = recorder();
    s.consume(handle);
    await s.produce(numbered(0, 50));
    await waitFor(() => done.length === 50, 20_000);
    fail(s.kafka);
    await sleep(milliseconds);
    heal(s.kafka);
    await s.produce(numbered(50, 100));
    await waitFor(() => new Set(done).size === 100, 60_000);
    await waitFor(async () => (await s.committed(0)) === 100, 30_000);
  });
}

/** All of them begin with the first test, and each test is the end of one. */
const endings = new Map<string, Promise<void>>();

it.each(plays.map(({ title }) => title))(
  '%s',
  async (title) => {
    if (endings.size === 0) {
      for (const { title: each, play, alone } of plays) {
        const ending = perform(play, alone);
        ending.catch(() => undefined); // its test tells
        endings.set(each, ending);
      }
    }
    await endings.get(title);
  },
  120_000,
);
