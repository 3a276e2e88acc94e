import { backoffMs, isRetryable } from './backoff.js';
import { ContractError, readBatchAnswer, readHeartbeatAnswer } from './answers.js';
import type { HttpAnswer, HttpClient, HttpRequest } from './http-client.js';
import type { TokenIssuer } from './jwt.js';
import type { Delivery, Ledger, StoredBefore } from './ledger.js';
import type { Limiter } from './limiter.js';
import { pause } from './pause.js';
import type { DevicePlan, Loss, PlannedBatch, PlannedHeartbeat } from './plan.js';
import { Random } from './random.js';
import type { Traffic } from './traffic.js';
import { batchBody, heartbeatBody } from './wire.js';

export interface CourierOptions {
  readonly seed: string;
  readonly runId: string;
  readonly speed: number;
  readonly retries: number;
  readonly startedAtMs: number;
  /** Wall clock in milliseconds. */
  readonly now: () => number;
  /** Nothing new is sent once it fires; what is in flight may end. */
  readonly halt: AbortSignal;
}

interface Message {
  readonly request: () => HttpRequest;
  readonly losses: readonly Loss[];
  readonly random: () => Random;
  readonly onSent?: () => void;
  readonly onAnswer: (answer: HttpAnswer, before: StoredBefore) => void;
  readonly latency: (ms: number) => void;
}

/** Brings single messages to the service as an SDK does: again and again until one answer has been read. */
export class Courier {
  constructor(
    private readonly http: HttpClient,
    private readonly limiter: Limiter,
    private readonly tokens: TokenIssuer,
    private readonly ledger: Ledger,
    private readonly traffic: Traffic,
    private readonly options: CourierOptions,
  ) {}

  async deliver(device: DevicePlan, batch: PlannedBatch): Promise<void> {
    const { startedAtMs, now } = this.options;
    const usesToken = batch.credentials === 'token' || batch.credentials === 'token and id';
    const token = usesToken && batch.userId !== undefined ? this.tokens.forUser(batch.userId) : undefined;
    const delivery = await this.exchange({
      request: () => ({
        method: 'POST',
        path: '/analytics/events',
        body: batchBody(device, batch, startedAtMs, now()),
        gzip: batch.gzip,
        ...(token !== undefined && { token }),
      }),
      losses: batch.losses,
      random: () => this.randomFor(device, 'batch', batch.dueMs),
      onSent: () => {
        this.ledger.events.sent += batch.events.length;
      },
      onAnswer: (answer, before) => {
        this.ledger.recordBatchAnswer(device, batch, readBatchAnswer(answer.body), before);
      },
      latency: (ms) => {
        this.traffic.eventLatency.record(ms);
      },
    });
    this.ledger.recordBatch(device, batch, delivery);
  }

  async beat(device: DevicePlan, heartbeat: PlannedHeartbeat): Promise<void> {
    const delivery = await this.exchange({
      request: () => ({
        method: 'POST',
        path: '/presence/heartbeat',
        body: heartbeatBody(device, this.options.now()),
        token: this.tokens.forUser(heartbeat.userId),
      }),
      losses: heartbeat.losses,
      random: () => this.randomFor(device, 'heartbeat', heartbeat.dueMs),
      onAnswer: ({ body }) => {
        readHeartbeatAnswer(body);
      },
      latency: (ms) => {
        this.traffic.heartbeatLatency.record(ms);
      },
    });
    this.ledger.recordHeartbeat(heartbeat.userId, delivery);
  }

  private async exchange(message: Message): Promise<Delivery> {
    const { halt, retries, speed } = this.options;
    const progress = new Progress();
    let random: Random | undefined;
    for (let failures = 0; ;) {
      const loss = message.losses[progress.attempts];
      const outcome = await this.attempt(message, loss, progress);
      if (outcome === 'not tried' || outcome === 'hopeless') return progress;
      if (outcome === 'answered' && loss === undefined) return progress;
      random ??= message.random();
      if (outcome === 'failed') {
        failures += 1;
        if (failures > retries || halt.aborted) return progress;
        this.traffic.retries += 1;
        await pause(backoffMs(failures, progress.retryAfterMs, random), halt);
      } else {
        if (halt.aborted) return progress;
        this.traffic.resends += 1;
        await pause(random.between(200, 1_500) / speed, halt);
      }
    }
  }

  private async attempt(
    message: Message,
    loss: Loss | undefined,
    progress: Progress,
  ): Promise<'answered' | 'lost' | 'failed' | 'hopeless' | 'not tried'> {
    const queuedMs = performance.now();
    return this.limiter.run(async () => {
      if (this.options.halt.aborted) return 'not tried';
      const sentMs = performance.now();
      this.traffic.slotWait.record(sentMs - queuedMs);
      this.traffic.requests += 1;
      const outcome = await this.http.exchange({
        ...message.request(),
        ...(loss?.kind === 'abort' && { abortAfterMs: loss.afterMs }),
      });
      const mayHaveArrived = outcome.kind === 'answer' || outcome.mayHaveArrived;
      const before = progress.book(sentMs, mayHaveArrived);
      if (mayHaveArrived) message.onSent?.();
      if (outcome.kind === 'no answer') {
        if (outcome.mayHaveArrived) progress.mayHaveArrived = true;
        if (outcome.reason === 'aborted') return 'lost';
        this.traffic.error(outcome.reason);
        return 'failed';
      }
      message.latency(outcome.latencyMs);
      if (outcome.status < 200 || outcome.status > 299) {
        this.traffic.error(String(outcome.status));
        // A service that fails may have stored the message first; one that refuses has not looked at it.
        if (outcome.status >= 500) progress.mayHaveArrived = true;
        progress.retryAfterMs = outcome.retryAfterMs;
        if (isRetryable(outcome.status)) return 'failed';
        this.ledger.fault('refused', `${String(outcome.status)} ${JSON.stringify(outcome.body)}`);
        return 'hopeless';
      }
      progress.succeed(sentMs);
      try {
        message.onAnswer(outcome, before);
      } catch (error) {
        if (!(error instanceof ContractError)) throw error;
        this.ledger.fault('contract', `${error.message}: ${JSON.stringify(outcome.body)}`);
      }
      return 'answered';
    });
  }

  /** Seeded apart from the plan: how often the service fails must not change what the device does next. */
  private randomFor(device: DevicePlan, kind: string, dueMs: number): Random {
    return Random.from(this.options.seed, this.options.runId, 'courier', device.index, kind, dueMs);
  }
}

/** A delivery in the making. */
class Progress implements Delivery {
  attempts = 0;
  answered = false;
  mayHaveArrived = false;
  lastEndedMs = -Infinity;
  answeredSentMs = -Infinity;
  longestAttemptMs = 0;
  retryAfterMs: number | undefined;

  /** Books an attempt that has just ended; returns what may have been stored before it. */
  book(sentMs: number, mayHaveArrived: boolean): StoredBefore {
    const before = this.answered ? 'everything' : this.mayHaveArrived ? 'unknown' : 'nothing';
    this.retryAfterMs = undefined;
    if (mayHaveArrived) {
      this.attempts += 1;
      this.lastEndedMs = performance.now();
      this.longestAttemptMs = Math.max(this.longestAttemptMs, this.lastEndedMs - sentMs);
    }
    return before;
  }

  succeed(sentMs: number): void {
    this.answered = true;
    this.mayHaveArrived = true;
    this.answeredSentMs = sentMs;
  }
}
