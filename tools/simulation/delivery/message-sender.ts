import type { Ledger } from '../bookkeeping/ledger.js';
import type { TrafficMetrics } from '../bookkeeping/traffic-metrics.js';
import type { DevicePlan, PlannedBatch, PlannedHeartbeat, ResponseLoss } from '../planning/device-plan.js';
import { Random } from '../planning/random.js';
import type { ConcurrencyLimiter } from './concurrency-limiter.js';
import { DeliveryState, type Delivery, type StoredBefore } from './delivery.js';
import type { HttpRequest, HttpResponse, HttpSender } from './http-client.js';
import { pause } from './pause.js';
import { buildBatchBody, buildHeartbeatBody } from './request-bodies.js';
import { ContractError, readBatchResponse, readHeartbeatResponse } from './responses.js';
import { backoffMs, isRetryable } from './retry-policy.js';
import type { TokenIssuer } from './token-issuer.js';

export interface SenderOptions {
  readonly seed: string;
  readonly runId: string;
  readonly speed: number;
  readonly retries: number;
  readonly startedAtMs: number;
  /** Returns the wall clock in milliseconds. */
  readonly now: () => number;
  /** Returns further headers of a device's requests. */
  readonly headersOf?: (device: DevicePlan) => Readonly<Record<string, string>>;
  /** Stops new requests once it aborts; in-flight requests may end. */
  readonly halt: AbortSignal;
}

interface Message {
  readonly buildRequest: () => HttpRequest;
  readonly losses: readonly ResponseLoss[];
  readonly createRandom: () => Random;
  readonly onSent?: () => void;
  readonly onResponse: (response: HttpResponse, storedBefore: StoredBefore) => void;
  readonly recordLatency: (ms: number) => void;
}

type AttemptResult = 'answered' | 'response lost' | 'failed' | 'refused' | 'not sent';

/** Sends single messages as an SDK does, with retries until one response has been read. */
export class MessageSender {
  constructor(
    private readonly http: HttpSender,
    private readonly limiter: ConcurrencyLimiter,
    private readonly tokens: TokenIssuer,
    private readonly ledger: Ledger,
    private readonly metrics: TrafficMetrics,
    private readonly options: SenderOptions,
  ) {}

  async sendBatch(device: DevicePlan, batch: PlannedBatch): Promise<void> {
    const { startedAtMs, now } = this.options;
    const usesToken = batch.credentials === 'token' || batch.credentials === 'token and id';
    const token = usesToken && batch.userId !== undefined ? this.tokens.forUser(batch.userId) : undefined;
    const delivery = await this.deliver({
      buildRequest: () => ({
        method: 'POST',
        path: '/analytics/events',
        body: buildBatchBody(device, batch, startedAtMs, now()),
        gzip: batch.gzip,
        ...(token !== undefined && { token }),
        ...this.headersOf(device),
      }),
      losses: batch.losses,
      createRandom: () => this.createRandom(device, 'batch', batch.dueMs),
      onSent: () => {
        this.ledger.events.sent += batch.events.length;
      },
      onResponse: ({ body }, storedBefore) => {
        this.ledger.recordBatchResponse(device, batch, readBatchResponse(body), storedBefore);
      },
      recordLatency: (ms) => {
        this.metrics.eventLatency.record(ms);
      },
    });
    this.ledger.recordBatch(device, batch, delivery);
  }

  async sendHeartbeat(device: DevicePlan, heartbeat: PlannedHeartbeat): Promise<void> {
    const delivery = await this.deliver({
      buildRequest: () => ({
        method: 'POST',
        path: '/presence/heartbeat',
        body: buildHeartbeatBody(device, this.options.now()),
        token: this.tokens.forUser(heartbeat.userId),
        ...this.headersOf(device),
      }),
      losses: heartbeat.losses,
      createRandom: () => this.createRandom(device, 'heartbeat', heartbeat.dueMs),
      onResponse: ({ body }) => {
        readHeartbeatResponse(body);
      },
      recordLatency: (ms) => {
        this.metrics.heartbeatLatency.record(ms);
      },
    });
    this.ledger.recordHeartbeat(heartbeat.userId, delivery);
  }

  private async deliver(message: Message): Promise<Delivery> {
    const { halt, retries, speed } = this.options;
    const delivery = new DeliveryState();
    let random: Random | undefined;
    for (let failures = 0; ;) {
      const loss = message.losses[delivery.attempts];
      const result = await this.attempt(message, loss, delivery);
      if (result === 'not sent' || result === 'refused') return delivery;
      if (result === 'answered' && loss === undefined) return delivery;
      random ??= message.createRandom();
      if (result === 'failed') {
        failures += 1;
        if (failures > retries || halt.aborted) return delivery;
        this.metrics.retries += 1;
        await pause(backoffMs(failures, delivery.retryAfterMs, random), halt);
      } else {
        if (halt.aborted) return delivery;
        this.metrics.resends += 1;
        await pause(random.between(200, 1_500) / speed, halt);
      }
    }
  }

  private attempt(
    message: Message,
    loss: ResponseLoss | undefined,
    delivery: DeliveryState,
  ): Promise<AttemptResult> {
    const queuedMs = performance.now();
    return this.limiter.run(async () => {
      if (this.options.halt.aborted) return 'not sent';
      const sentMs = performance.now();
      this.metrics.slotWait.record(sentMs - queuedMs);
      this.metrics.requests += 1;
      const outcome = await this.http.send({
        ...message.buildRequest(),
        ...(loss?.kind === 'abort' && { abortAfterMs: loss.afterMs }),
      });
      const { storedBefore } = delivery;
      delivery.retryAfterMs = undefined;
      if (outcome.kind === 'response' || outcome.mayHaveArrived) {
        delivery.recordAttempt(sentMs);
        message.onSent?.();
      }
      if (outcome.kind === 'no response') {
        if (outcome.mayHaveArrived) delivery.mayHaveArrived = true;
        if (outcome.reason === 'aborted') return 'response lost';
        this.metrics.recordError(outcome.reason);
        return 'failed';
      }
      message.recordLatency(outcome.latencyMs);
      if (outcome.status < 200 || outcome.status > 299) return this.handleErrorStatus(outcome, delivery);
      delivery.recordSuccess(sentMs);
      this.handleSuccess(message, outcome, storedBefore);
      return 'answered';
    });
  }

  private handleErrorStatus(response: HttpResponse, delivery: DeliveryState): AttemptResult {
    const { status, body, retryAfterMs } = response;
    this.metrics.recordError(String(status));
    // A service that fails with 5xx may have stored the message first.
    if (status >= 500) delivery.mayHaveArrived = true;
    delivery.retryAfterMs = retryAfterMs;
    if (isRetryable(status)) return 'failed';
    this.ledger.faults.record('refused', `${String(status)} ${JSON.stringify(body)}`);
    return 'refused';
  }

  private handleSuccess(message: Message, response: HttpResponse, storedBefore: StoredBefore): void {
    try {
      message.onResponse(response, storedBefore);
    } catch (error) {
      if (!(error instanceof ContractError)) throw error;
      this.ledger.faults.record('contract', `${error.message}: ${JSON.stringify(response.body)}`);
    }
  }

  private headersOf(device: DevicePlan): Pick<HttpRequest, 'headers'> {
    const headers = this.options.headersOf?.(device);
    return headers === undefined ? {} : { headers };
  }

  /** Creates a stream apart from the plan's, so that failures of the service do not change the plan. */
  private createRandom(device: DevicePlan, kind: string, dueMs: number): Random {
    return Random.from(this.options.seed, this.options.runId, 'sender', device.index, kind, dueMs);
  }
}
