import { Logger } from '@nestjs/common';
import type { Admin, Consumer, EachBatchHandler, EachBatchPayload, Kafka, KafkaMessage } from 'kafkajs';
import type { KafkaConfig } from '../../../config/kafka.config.js';
import { endsWithin } from '../../../shared/utils/timeout.util.js';
import { DEAD_LETTER_HEADERS, deadLetterTopicOf, isWhole, textOf } from './dead-letter.js';
import { createKafkaClient, endFetching } from '../kafka-client.js';
import { KafkaProducer, type SubjectRecord } from '../kafka-producer.js';
import { withAdmin } from '../kafka-topics.js';

const CHUNK_SIZE = 250;
const SESSION_TIMEOUT_MS = 30_000;
const REBALANCE_TIMEOUT_MS = 30_000;
const MAX_WAIT_MS = 250;
const STOP_TIMEOUT_MS = 6_000;
const DELETE_TIMEOUT_MS = 3_000;
const IDLE_TIMEOUT_MS = 30_000;
/** Of this code, which need their stack. All others come from Kafka; kafkajs does not name them all alike. */
const FAULTS = new Set(['TypeError', 'RangeError', 'ReferenceError', 'SyntaxError']);

/** Conditions that are null hold for every dead letter. */
export interface DeadLetterSelection {
  readonly reason: string | null;
  /** `since` <= when it failed < `until` */
  readonly since: Date | null;
  readonly until: Date | null;
  /** As {@link DeadLetter.source} has it. */
  readonly sources: readonly string[] | null;
  /** Replayed are at most this many. */
  readonly limit: number | null;
}

export interface DeadLetter {
  /** `partition:offset` of the identity topic. */
  readonly source: string;
  readonly partition: number;
  readonly reason: string;
  readonly detail: string;
  readonly failedAt: Date;
  readonly key: string | null;
}

/** Why a dead letter is none to be replayed: of another topic, without the headers, of a partition that is gone. */
export type Misfit = 'foreign' | 'incomplete' | 'misplaced';

export interface ReplayProgress {
  readonly read: number;
  /** As many as offsets say; fewer are there when some were removed. */
  readonly total: number;
  readonly replayed: number;
}

export interface ReplayOutcome {
  readonly ended: 'complete' | 'limit' | 'interrupted';
  readonly read: number;
  /** Of a dry run: how many would be. */
  readonly replayed: number;
  readonly byReason: ReadonlyMap<string, number>;
  /** Met all conditions, and had the source of one that was replayed before. */
  readonly repeated: number;
  readonly leftAlone: Readonly<Record<Misfit, number>>;
  /** Sources that were asked for, and of which nothing was replayed. */
  readonly missing: readonly string[];
}

export interface ReplayOptions {
  /** Sends nothing. */
  readonly dryRun: boolean;
  /** Ends the replay after the messages that are being sent. */
  readonly signal: AbortSignal;
  /** Told of each that is going to be replayed. */
  readonly onSelected?: (letter: DeadLetter) => void;
  readonly onProgress?: (progress: ReplayProgress) => void;
}

/** Something between here and Kafka has failed; the message says what was replayed by then. */
export class DeadLetterReplayError extends Error {
  override readonly name = 'DeadLetterReplayError';
}

type Ended = ReplayOutcome['ended'];

/**
 * Puts dead letters back to the partitions that they came from. It remembers nothing: each run reads all dead letters
 * there are at its start. Their `dlq-source-*` headers stay on, so that the consumer knows them again however often they
 * are replayed.
 */
export class DeadLetterReplay {
  private readonly logger = new Logger(DeadLetterReplay.name);
  private readonly kafka: Kafka;
  private readonly topic: string;
  private readonly deadLetterTopic: string;
  private readonly groupId: string;

  /** @param runId makes the consumer group of a run its own */
  constructor(
    private readonly config: KafkaConfig,
    runId: string,
    private readonly idleTimeoutMs = IDLE_TIMEOUT_MS,
  ) {
    this.kafka = createKafkaClient(config);
    this.topic = config.topicIdentity;
    this.deadLetterTopic = deadLetterTopicOf(config.topicIdentity);
    // The beginning is what access rules of brokers go by.
    this.groupId = `${config.consumerGroup}-dlq-replay-${runId}`;
  }

  /** @throws DeadLetterReplayError when Kafka fails on the way */
  async run(selection: DeadLetterSelection, options: ReplayOptions): Promise<ReplayOutcome> {
    const tally = new Tally(selection);
    try {
      const { span, partitions } = await withAdmin(this.kafka, (admin) => this.survey(admin));
      if (span.isRead()) return tally.outcome('complete');
      if (partitions === 0) {
        throw new DeadLetterReplayError(`Topic ${this.topic} does not exist: nothing can be put back to it`);
      }
      const producer = options.dryRun ? null : new KafkaProducer(this.kafka, this.config, this.topic);
      try {
        const ended = await this.read(span, options.signal, async (messages) => {
          const records: SubjectRecord[] = [];
          const choice = tally.choose(
            messages.map((message) => ({ message, letter: readDeadLetter(message, this.topic, partitions) })),
          );
          for (const { letter, message } of choice.selected) {
            options.onSelected?.(letter);
            records.push(toRecord(this.topic, letter, message));
          }
          if (records.length > 0) await this.send(producer, records);
          tally.count(choice);
          options.onProgress?.({ read: tally.read, total: span.total, replayed: tally.replayed });
          return { consumed: choice.consumed, isFull: tally.isFull() };
        });
        return tally.outcome(ended);
      } finally {
        await producer?.close();
      }
    } catch (error) {
      throw this.explain(error, options.dryRun ? 0 : tally.replayed);
    }
  }

  /** What there is to read, and how many partitions there are to put it back to. Creates no topic by asking. */
  private async survey(admin: Admin): Promise<{ span: Span; partitions: number }> {
    const { topics } = await admin.fetchTopicMetadata();
    const partitions = topics.find(({ name }) => name === this.topic)?.partitions.length ?? 0;
    const exists = topics.some(({ name }) => name === this.deadLetterTopic);
    return {
      span: new Span(exists ? await admin.fetchTopicOffsets(this.deadLetterTopic) : []),
      partitions,
    };
  }

  /** Hands over what is in the span, each partition in order, as consumer of a group that nobody else is in. */
  private async read(
    span: Span,
    signal: AbortSignal,
    handle: (messages: readonly KafkaMessage[]) => Promise<{ consumed: number; isFull: boolean }>,
  ): Promise<Ended> {
    const consumer = this.kafka.consumer({
      groupId: this.groupId,
      sessionTimeout: SESSION_TIMEOUT_MS,
      rebalanceTimeout: REBALANCE_TIMEOUT_MS,
      maxWaitTimeInMs: MAX_WAIT_MS,
      allowAutoTopicCreation: false,
      // Starting again is up to whoever runs this.
      retry: {
        retries: 3,
        initialRetryTime: 200,
        maxRetryTime: 2000,
        restartOnFailure: () => Promise.resolve(false),
      },
    });
    const end = new Ending<Ended>();
    let working: Promise<void> = Promise.resolve();
    let isWorking = false;
    let timer: NodeJS.Timeout | undefined;
    const stopWaiting = (): void => {
      clearTimeout(timer);
    };
    const wait = (): void => {
      stopWaiting();
      timer = setTimeout(() => {
        end.fail(
          new DeadLetterReplayError(
            `Nothing has come from ${this.deadLetterTopic} for ${this.idleTimeoutMs / 1000} s, although ` +
              `${span.left()} of ${span.total} are still to be read: is one of its partitions without a leader?`,
          ),
        );
      }, this.idleTimeoutMs);
    };
    const interrupt = (): void => {
      if (!isWorking) end.with('interrupted');
    };
    const work = async (payload: EachBatchPayload): Promise<void> => {
      const { partition, messages } = payload.batch;
      for (let start = 0; start < messages.length; start += CHUNK_SIZE) {
        if (end.isReached()) return;
        const chunk = span.unread(partition, messages.slice(start, start + CHUNK_SIZE));
        if (chunk.length > 0) {
          stopWaiting();
          try {
            const { consumed, isFull } = await handle(chunk);
            span.advance(partition, chunk[consumed - 1]?.offset);
            if (span.isRead()) end.with('complete');
            else if (isFull) end.with('limit');
          } catch (error) {
            end.fail(error);
          }
        }
        if (signal.aborted) end.with('interrupted');
        if (end.isReached()) return;
        wait();
        await payload.heartbeat();
      }
    };
    const crashed = new Promise<void>((resolve) => {
      consumer.on(consumer.events.CRASH, ({ payload }) => {
        end.fail(payload.error);
        resolve();
      });
    });
    endFetching(consumer, () => end.isReached());
    // Also of batches in which there is nothing for us, such as the marks of transactions.
    consumer.on(consumer.events.END_BATCH_PROCESS, ({ payload }) => {
      if (end.isReached()) return;
      span.advance(payload.partition, payload.lastOffset);
      if (span.isRead()) end.with('complete');
      else wait();
    });
    signal.addEventListener('abort', interrupt, { once: true });
    if (signal.aborted) interrupt();
    wait();
    const started = this.start(consumer, async (payload) => {
      isWorking = true;
      working = work(payload).finally(() => (isWorking = false));
      await working;
    });
    started.catch((error: unknown) => {
      end.fail(error);
    });
    try {
      return await end.reached;
    } finally {
      signal.removeEventListener('abort', interrupt);
      stopWaiting();
      // What is being sent is counted, whatever has happened meanwhile.
      await working.catch(() => undefined);
      await this.leave(consumer, started, crashed).catch((error: unknown) => {
        this.logger.debug(`The consumer group ${this.groupId} was not left cleanly: ${String(error)}`);
      });
    }
  }

  private async start(consumer: Consumer, eachBatch: EachBatchHandler): Promise<void> {
    await consumer.connect();
    await consumer.subscribe({ topic: this.deadLetterTopic, fromBeginning: true });
    await consumer.run({ autoCommit: false, eachBatch });
  }

  /**
   * A running consumer is not told to disconnect, it ends by {@link endFetching}. The group has committed nothing: a
   * broker that cannot be asked to forget it does so by itself.
   */
  private async leave(consumer: Consumer, started: Promise<void>, crashed: Promise<void>): Promise<void> {
    const isRunning = await endsWithin(started, 0).catch(() => false);
    if (isRunning && !(await endsWithin(crashed, STOP_TIMEOUT_MS))) return;
    await endsWithin(consumer.disconnect(), STOP_TIMEOUT_MS);
    if (!isRunning) return;
    await endsWithin(
      withAdmin(this.kafka, (admin) => admin.deleteGroups([this.groupId])),
      DELETE_TIMEOUT_MS,
    );
  }

  private async send(producer: KafkaProducer | null, records: readonly SubjectRecord[]): Promise<void> {
    try {
      await producer?.send(records);
    } catch (error) {
      throw new DeadLetterReplayError(`Sending to ${this.topic} has failed: ${messageOf(error)}`, {
        cause: error,
      });
    }
  }

  private explain(error: unknown, replayed: number): unknown {
    const isOurs = error instanceof DeadLetterReplayError;
    if (!isOurs && FAULTS.has((error as Error).name)) return error;
    const what = isOurs ? error.message : `Reading ${this.deadLetterTopic} has failed: ${messageOf(error)}`;
    const done =
      replayed === 0 ? '' : `\n${replayed} were replayed by then; starting again records none of them twice.`;
    return new DeadLetterReplayError(what + done, { cause: error });
  }
}

interface Candidate {
  readonly message: KafkaMessage;
  readonly letter: DeadLetter | Misfit;
}

interface Choice {
  readonly selected: readonly { readonly message: KafkaMessage; readonly letter: DeadLetter }[];
  readonly repeated: number;
  readonly misfits: readonly Misfit[];
  /** How many of the candidates were looked at before the limit was reached. */
  readonly consumed: number;
}

/** Selects, and counts what became of all. */
class Tally {
  read = 0;
  replayed = 0;
  private repeated = 0;
  private readonly byReason = new Map<string, number>();
  private readonly leftAlone: Record<Misfit, number> = { foreign: 0, incomplete: 0, misplaced: 0 };
  /** What was replayed and fails again is a dead letter once more; without this the number would double each time. */
  private readonly seen = new Set<string>();
  private readonly wanted: ReadonlySet<string> | null;

  constructor(private readonly selection: DeadLetterSelection) {
    this.wanted = selection.sources === null ? null : new Set(selection.sources);
  }

  isFull(): boolean {
    return this.replayed >= (this.selection.limit ?? Infinity);
  }

  choose(candidates: readonly Candidate[]): Choice {
    const room = (this.selection.limit ?? Infinity) - this.replayed;
    const selected: { message: KafkaMessage; letter: DeadLetter }[] = [];
    const misfits: Misfit[] = [];
    let repeated = 0;
    let consumed = 0;
    for (const { message, letter } of candidates) {
      if (selected.length >= room) break;
      consumed++;
      if (typeof letter === 'string') misfits.push(letter);
      else if (this.isMatch(letter)) {
        if (this.seen.has(letter.source)) repeated++;
        else {
          this.seen.add(letter.source);
          selected.push({ message, letter });
        }
      }
    }
    return { selected, repeated, misfits, consumed };
  }

  /** After it was done. */
  count({ selected, repeated, misfits, consumed }: Choice): void {
    this.read += consumed;
    this.replayed += selected.length;
    this.repeated += repeated;
    for (const misfit of misfits) this.leftAlone[misfit]++;
    for (const { letter } of selected) {
      this.byReason.set(letter.reason, (this.byReason.get(letter.reason) ?? 0) + 1);
    }
  }

  outcome(ended: Ended): ReplayOutcome {
    const { read, replayed, byReason, repeated, leftAlone, seen } = this;
    const missing = [...(this.wanted ?? [])].filter((source) => !seen.has(source));
    return { ended, read, replayed, byReason, repeated, leftAlone, missing };
  }

  private isMatch({ reason, failedAt, source }: DeadLetter): boolean {
    const { reason: wantedReason, since, until } = this.selection;
    return (
      (wantedReason === null || reason === wantedReason) &&
      (since === null || failedAt >= since) &&
      (until === null || failedAt < until) &&
      (this.wanted === null || this.wanted.has(source))
    );
  }
}

/** From where to where each partition is to be read. A consumer that had to join its group again begins anew. */
class Span {
  readonly total: number;
  private readonly rest = new Map<number, { next: bigint; readonly end: bigint }>();

  constructor(
    offsets: readonly { readonly partition: number; readonly low: string; readonly high: string }[],
  ) {
    for (const { partition, low, high } of offsets) {
      if (BigInt(low) < BigInt(high)) this.rest.set(partition, { next: BigInt(low), end: BigInt(high) });
    }
    this.total = this.left();
  }

  unread(partition: number, messages: readonly KafkaMessage[]): readonly KafkaMessage[] {
    const rest = this.rest.get(partition);
    if (rest === undefined) return [];
    return messages.filter(({ offset }) => BigInt(offset) >= rest.next && BigInt(offset) < rest.end);
  }

  advance(partition: number, lastOffset: string | undefined): void {
    const rest = this.rest.get(partition);
    if (rest === undefined || lastOffset === undefined) return;
    if (BigInt(lastOffset) >= rest.next) rest.next = BigInt(lastOffset) + 1n;
    if (rest.next >= rest.end) this.rest.delete(partition);
  }

  isRead(): boolean {
    return this.rest.size === 0;
  }

  left(): number {
    return [...this.rest.values()].reduce((sum, { next, end }) => sum + Number(end - next), 0);
  }
}

/** A promise that is settled once, from several sides. */
class Ending<T> {
  readonly reached: Promise<T>;
  private settled = false;
  private resolve: (value: T) => void = () => undefined;
  private reject: (error: unknown) => void = () => undefined;

  constructor() {
    this.reached = new Promise<T>((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    this.reached.catch(() => undefined); // it may fail before anybody waits for it
  }

  isReached(): boolean {
    return this.settled;
  }

  with(value: T): void {
    this.settled = true;
    this.resolve(value);
  }

  fail(error: unknown): void {
    this.settled = true;
    this.reject(error);
  }
}

/** @param partitions of the topic now; it may have been made anew with fewer, and kafkajs drops records for the others */
function readDeadLetter(message: KafkaMessage, topic: string, partitions: number): DeadLetter | Misfit {
  const header = (name: string): string | null => textOf(message.headers?.[name]);
  const sourceTopic = header(DEAD_LETTER_HEADERS.sourceTopic);
  const partition = header(DEAD_LETTER_HEADERS.sourcePartition);
  const offset = header(DEAD_LETTER_HEADERS.sourceOffset);
  const reason = header(DEAD_LETTER_HEADERS.reason);
  const failedAt = new Date(header(DEAD_LETTER_HEADERS.failedAt) ?? NaN);
  if (sourceTopic !== null && sourceTopic !== topic) return 'foreign';
  if (sourceTopic === null || reason === null || Number.isNaN(failedAt.getTime())) return 'incomplete';
  if (!isWhole(partition) || !isWhole(offset)) return 'incomplete';
  if (header(DEAD_LETTER_HEADERS.truncated) !== null) return 'incomplete';
  if (Number(partition) >= partitions) return 'misplaced';
  return {
    source: `${Number(partition)}:${BigInt(offset)}`,
    partition: Number(partition),
    reason,
    detail: header(DEAD_LETTER_HEADERS.detail) ?? '',
    failedAt,
    key: message.key?.toString() ?? null,
  };
}

/** The message as it came first, with its source, by which the consumer knows it again. */
function toRecord(
  topic: string,
  { partition }: DeadLetter,
  { key, value, headers }: KafkaMessage,
): SubjectRecord {
  const { reason, detail, failedAt } = DEAD_LETTER_HEADERS;
  const { [reason]: _reason, [detail]: _detail, [failedAt]: _failedAt, ...kept } = headers ?? {};
  return { subject: `${topic}/${partition}`, partition, key, value, headers: kept };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
