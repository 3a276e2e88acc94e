import type { KafkaConfig } from '../../../src/config/kafka.config.js';
import type { InboundMessage, MessageHandler } from '../../../src/application/ports/event-consumer.port.js';
import { deadLetterTopicOf } from '../../../src/infrastructure/kafka/dead-letters/dead-letter.js';
import { EventConsumerService } from '../../../src/infrastructure/kafka/event-consumer.service.js';
import type { KafkaProducer } from '../../../src/infrastructure/kafka/kafka-producer.js';
import { SystemClock } from '../../../src/infrastructure/system/system-clock.js';
import { dependencyUnavailable } from '../../../src/shared/exceptions/application.exception.js';
import { DomainException } from '../../../src/shared/exceptions/domain.exception.js';
import { consumerMessagesTotal } from '../../../src/shared/metrics/metrics.js';
import type { ProxiedKafka } from '../kafka/cluster.js';
import { kafkaConfigOf } from '../kafka/config.js';
import { readTopicWithKcat, type KcatMessage } from '../kafka/kcat.js';
import { committedOffset, produceRaw, type RawMessage } from '../kafka/topics.js';

export const PARTITIONS = 4;

/** Uses the shortest session timeout of Apache Kafka, since most of these tests wait for departed members. */
const TIMING = { minBackoffMs: 25, sessionTimeoutMs: 6_000 };

/** A new topic with a new consumer group, and the consumers that a test starts on it. */
export class Scene {
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

/** One test: its name, what it does, and whether it disturbs its Kafka and therefore runs on one of its own. */
export interface ScenePlan {
  readonly title: string;
  readonly play: Play;
  readonly alone: boolean;
}

/** Plans a test that mostly waits and runs beside the others on the shared Kafka. */
export function scene(title: string, play: Play): ScenePlan {
  return { title, play, alone: false };
}

/** Plans a test that disturbs its Kafka and therefore runs on one of its own. */
export function disturbingScene(title: string, play: Play): ScenePlan {
  return { title, play, alone: true };
}

/** A delivered message with its value as text. */
interface TextMessage extends Omit<InboundMessage, 'value'> {
  readonly value: string | null;
}

/**
 * Returns a handler that keeps its messages; `judge` decides their outcome or throws.
 * Delivery is at least once: a slow answer of Kafka repeats messages, so `distinct` is what a test may count.
 */
export function recorder(
  judge: (message: TextMessage) => ReturnType<MessageHandler> = () => Promise.resolve('handled'),
) {
  const delivered: TextMessage[] = [];
  const done: string[] = [];
  const handle: MessageHandler = async (inbound) => {
    const message = { ...inbound, value: inbound.value?.toString() ?? null };
    delivered.push(message);
    const outcome = await judge(message);
    done.push(message.origin);
    return outcome;
  };
  /** Returns each delivered message once, in the order of the first deliveries. */
  const distinct = (): readonly TextMessage[] => [
    ...new Map(delivered.map((message) => [message.origin, message] as const)).values(),
  ];
  const finished = (): number => new Set(done).size;
  return { delivered, distinct, done, finished, handle };
}

export const numbered = (from: number, to: number, partition = 0): RawMessage[] =>
  Array.from({ length: to - from }, (_, i) => ({ key: 'key', value: String(from + i), partition }));

/** Returns the producer of dead letters, so that a test can make it fail. */
export const deadLettersOf = (consumer: EventConsumerService) =>
  (consumer as unknown as { readonly deadLetters: KafkaProducer }).deadLetters;

export const poison = () =>
  new DomainException('message_not_json', { detail: 'The message is empty or no JSON' });
export const outage = () => dependencyUnavailable('database', new Error('away'));
