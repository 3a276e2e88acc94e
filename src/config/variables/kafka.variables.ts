import { checkedText, integer, oneOf } from './value-types.js';
import { optional, withDefault, type Section } from './variable.js';

export const KAFKA_COMPRESSIONS = ['gzip', 'none'] as const;
export type KafkaCompression = (typeof KAFKA_COMPRESSIONS)[number];

export const KAFKA_CLIENTS = ['kafkajs', 'platformatic'] as const;
export type KafkaClientName = (typeof KAFKA_CLIENTS)[number];

export const KAFKA_HEARTBEATS = ['each', 'none'] as const;

export const kafkaSection = {
  title: { en: 'Kafka', zh: 'Kafka' },
  variables: {
    KAFKA_BROKERS: optional(
      checkedText(
        { en: '`host:port`, separated by commas', zh: '`host:port`，以逗号分隔' },
        'be host:port, several with commas between',
        (value) => /^[^\s,]+:\d+(,[^\s,]+:\d+)*$/.test(value),
      ),
      {
        example: 'localhost:9092',
        isRequiredInProduction: true,
        unset: {
          en: 'nothing is consumed, and events are published to the log (with `DATABASE_URL` set they wait in the outbox)',
          zh: '不消费任何事件，事件发布到日志（设置了 `DATABASE_URL` 时在发件箱中等待）',
        },
        en: 'Kafka brokers to connect to first.',
        zh: '首先连接的 Kafka broker。',
      },
    ),
    KAFKA_CLIENT: withDefault(oneOf(KAFKA_CLIENTS), {
      default: 'kafkajs',
      en:
        'Client library that publishes events and checks Kafka. `platformatic` means @platformatic/kafka, which was run ' +
        'on Apache Kafka 4 alone. The identity topic and its dead letters use kafkajs in any case.',
      zh:
        '发布事件与检查 Kafka 所用的客户端库。`platformatic` 即 @platformatic/kafka，仅在 Apache Kafka 4 上运行过。' +
        'Identity 主题及其死信始终使用 kafkajs。',
    }),
    KAFKA_TOPIC_ANALYTICS: withDefault(topicName(249, 'be a Kafka topic name'), {
      default: 'analytics-events',
      en: 'Topic of all published events.',
      zh: '所有发布事件的主题。',
    }),
    // Leaves room for the suffix of the dead-letter topic.
    KAFKA_TOPIC_IDENTITY: withDefault(topicName(245, 'be a Kafka topic name of at most 245 characters'), {
      default: 'identity-events',
      en: 'Topic of the Identity service that is consumed. Its dead letters go to the topic `<name>.dlq`.',
      zh: '所消费的 Identity 服务的主题。死信写入主题 `<名称>.dlq`。',
    }),
    KAFKA_CONSUMER_GROUP: withDefault(
      checkedText(
        { en: 'text of 1 to 249 characters without spaces', zh: '1 至 249 个字符的文本，不含空格' },
        'be 1 to 249 characters without spaces',
        (value) => /^\S{1,249}$/.test(value),
      ),
      {
        default: 'analytics-presence-group',
        en: 'Consumer group of the service.',
        zh: '服务的消费者组。',
      },
    ),
    KAFKA_TOPIC_PARTITIONS: withDefault(integer(1, 1000), {
      default: 12,
      en:
        'Partitions of the topics that the service creates: the one of published events and the one of dead letters. ' +
        'A later change moves subjects to other partitions.',
      zh: '服务所创建主题（发布事件的主题与死信主题）的分区数。之后再修改会使主体换到其他分区。',
    }),
    KAFKA_TOPIC_REPLICATION_FACTOR: withDefault(oneOf([-1, 1, 2, 3, 4, 5]), {
      default: -1,
      en: 'Replicas of the topics that the service creates; `-1` means the default of the broker.',
      zh: '服务所创建主题的副本数；`-1` 表示使用 broker 的默认值。',
    }),
    KAFKA_COMPRESSION: withDefault(oneOf(KAFKA_COMPRESSIONS), {
      default: 'gzip',
      en: 'Compression of published messages.',
      zh: '发布消息的压缩方式。',
    }),
    KAFKA_HEARTBEATS: withDefault(oneOf(KAFKA_HEARTBEATS), {
      default: 'each',
      en:
        'Heartbeats that become events: `each` publishes `presence.heartbeat.received` for every heartbeat, `none` for ' +
        'no heartbeat. Presence is the same. Choose `none` where nobody subscribes to them.',
      zh:
        '哪些心跳会发布为事件：`each` 为每个心跳发布 `presence.heartbeat.received`，`none` 则完全不发布。' +
        '在线统计不受影响。没有订阅方时请选择 `none`。',
    }),
    // Half of it has room for the largest request of a gateway.
    KAFKA_HEARTBEAT_BUFFER_SIZE: withDefault(integer(2000, 1_000_000), {
      default: 10_000,
      en:
        'Heartbeat events that one process keeps in memory for Kafka. Further single ones are dropped and counted; ' +
        'requests of gateways may fill half of it and wait for room.',
      zh:
        '每个进程在内存中为 Kafka 保留的心跳事件数。超出的单个心跳事件被丢弃并计数；' +
        '网关请求最多占用其中一半，并等待空位。',
    }),
  },
} satisfies Section;

function topicName(maxLength: number, requirement: string): ReturnType<typeof checkedText> {
  const pattern = new RegExp(`^[a-zA-Z0-9._-]{1,${maxLength}}$`);
  return checkedText(
    {
      en: `at most ${maxLength} letters, digits, dots, underscores and hyphens`,
      zh: `最多 ${maxLength} 个字母、数字、点、下划线与连字符`,
    },
    requirement,
    (value) => pattern.test(value),
  );
}
