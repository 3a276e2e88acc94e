import type { Admin, KafkaMessage } from 'kafkajs';
import {
  DeadLetterReplayError,
  type DeadLetterSelection,
  type IDeadLetters,
  type ReplayOptions,
  type ReplayOutcome,
} from '../../../application/ports/dead-letters.port.js';
import type { KafkaConfig } from '../../../config/kafka.config.js';
import { createKafkaClient, type KafkaClient } from '../kafka-client.js';
import { KafkaProducer } from '../kafka-producer.js';
import type { SubjectRecord } from '../subject-record.js';
import { withAdmin } from '../kafka-topics.js';
import { retryDuringElection } from '../leader-election.js';
import { deadLetterTopicOf } from './dead-letter.js';
import { DeadLetterReader, type ChunkResult } from './dead-letter-reader.js';
import { OffsetSpan } from './offset-span.js';
import { readDeadLetter, toReplayRecord } from './replay-record.js';
import { ReplayTally } from './replay-tally.js';

const IDLE_TIMEOUT_MS = 30_000;
/** Errors that a mistake in this code causes; all others come from Kafka. */
const PROGRAMMING_ERRORS = new Set(['TypeError', 'RangeError', 'ReferenceError', 'SyntaxError']);

/** State of the topics at the start of a replay. */
interface Survey {
  readonly span: OffsetSpan;
  /** Number of partitions of the topic that dead letters return to; 0 when it does not exist. */
  readonly partitions: number;
}

/** Replays the dead letters of the identity topic; their `dlq-source-*` headers stay, so a repeat is recognised. */
export class KafkaDeadLetters implements IDeadLetters {
  private readonly kafka: KafkaClient;
  private readonly topic: string;
  private readonly deadLetterTopic: string;
  private readonly groupId: string;

  /** @param runId makes the consumer group of this process unique */
  constructor(
    private readonly config: KafkaConfig,
    runId: string,
    private readonly idleTimeoutMs = IDLE_TIMEOUT_MS,
  ) {
    this.kafka = createKafkaClient(config);
    this.topic = config.topicIdentity;
    this.deadLetterTopic = deadLetterTopicOf(config.topicIdentity);
    // Access rules of brokers match this prefix.
    this.groupId = `${config.consumerGroup}-dlq-replay-${runId}`;
  }

  async replay(selection: DeadLetterSelection, options: ReplayOptions): Promise<ReplayOutcome> {
    const tally = new ReplayTally(selection);
    try {
      const ended = await this.run(tally, options);
      return { topic: this.topic, deadLetterTopic: this.deadLetterTopic, ...tally.summarize(ended) };
    } catch (error) {
      throw this.explain(error, options.dryRun ? 0 : tally.replayed);
    }
  }

  private async run(tally: ReplayTally, options: ReplayOptions): Promise<ReplayOutcome['ended']> {
    const survey = await retryDuringElection(() => withAdmin(this.kafka, (admin) => this.survey(admin)));
    const { span, partitions } = survey;
    if (span.isRead()) return 'complete';
    if (partitions === 0) {
      throw new DeadLetterReplayError(`Topic ${this.topic} does not exist: nothing can be put back to it`);
    }
    const producer = options.dryRun ? null : new KafkaProducer(this.kafka, this.config, this.topic);
    const reader = new DeadLetterReader(
      this.kafka,
      { topic: this.deadLetterTopic, groupId: this.groupId, idleTimeoutMs: this.idleTimeoutMs },
      span,
      (messages) => this.replayChunk(messages, { tally, survey, producer, options }),
    );
    try {
      return await reader.read(options.signal);
    } finally {
      await producer?.close();
    }
  }

  /** Reads offsets and partitions. Lists topics, because a request for one topic may create it. */
  private async survey(admin: Admin): Promise<Survey> {
    const { topics } = await admin.fetchTopicMetadata();
    const partitions = topics.find(({ name }) => name === this.topic)?.partitions.length ?? 0;
    const exists = topics.some(({ name }) => name === this.deadLetterTopic);
    return {
      span: new OffsetSpan(exists ? await admin.fetchTopicOffsets(this.deadLetterTopic) : []),
      partitions,
    };
  }

  private async replayChunk(
    messages: readonly KafkaMessage[],
    run: {
      readonly tally: ReplayTally;
      readonly survey: Survey;
      readonly producer: KafkaProducer | null;
      readonly options: ReplayOptions;
    },
  ): Promise<ChunkResult> {
    const { tally, survey, producer, options } = run;
    const choice = tally.choose(
      messages.map((message) => ({
        message,
        letter: readDeadLetter(message, this.topic, survey.partitions),
      })),
    );
    for (const { letter } of choice.selected) options.onSelected?.(letter);
    const records = choice.selected.map(({ letter, message }) => toReplayRecord(this.topic, letter, message));
    if (producer !== null && records.length > 0) await this.send(producer, records);
    tally.count(choice);
    options.onProgress?.({ read: tally.read, total: survey.span.total, replayed: tally.replayed });
    return { consumed: choice.consumed, reachedLimit: tally.hasReachedLimit() };
  }

  private async send(producer: KafkaProducer, records: readonly SubjectRecord[]): Promise<void> {
    try {
      await producer.send(records);
    } catch (error) {
      throw new DeadLetterReplayError(`Sending to ${this.topic} has failed: ${messageOf(error)}`, {
        cause: error,
      });
    }
  }

  /** Adds the number of replayed dead letters to an error; leaves errors in this code as they are. */
  private explain(error: unknown, replayed: number): unknown {
    const isOurs = error instanceof DeadLetterReplayError;
    if (!isOurs && PROGRAMMING_ERRORS.has((error as Error).name)) return error;
    const reason = isOurs ? error.message : `Reading ${this.deadLetterTopic} has failed: ${messageOf(error)}`;
    const done =
      replayed === 0 ? '' : `\n${replayed} were replayed by then; starting again records none of them twice.`;
    return new DeadLetterReplayError(reason + done, { cause: error });
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
