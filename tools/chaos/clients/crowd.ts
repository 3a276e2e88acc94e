import { Ledger } from '../../simulation/bookkeeping/ledger.js';
import { TrafficMetrics } from '../../simulation/bookkeeping/traffic-metrics.js';
import { ConcurrencyLimiter } from '../../simulation/delivery/concurrency-limiter.js';
import type { HttpSender } from '../../simulation/delivery/http-client.js';
import { MessageSender } from '../../simulation/delivery/message-sender.js';
import { runDevices } from '../../simulation/delivery/run-devices.js';
import type { TokenIssuer } from '../../simulation/delivery/token-issuer.js';
import type { DevicePlan } from '../../simulation/planning/device-plan.js';
import { addressOf } from './device-address.js';

/** A frozen replica holds its requests for long; the others must not wait for them. */
const REQUESTS_AT_MOST = 1_024;
const RETRIES = 1_000;

export interface CrowdOptions {
  readonly seed: string;
  readonly runId: string;
  readonly speed: number;
  readonly durationMs: number;
  /** The time after the load in which messages may still be retried. */
  readonly drainMs: number;
  readonly startedAtMs: number;
  readonly now: () => number;
  readonly stop: AbortSignal;
}

/** The simulator's devices, which retry until one answer has been read. */
export class Crowd {
  readonly ledger: Ledger;
  readonly metrics = new TrafficMetrics();

  constructor(
    private readonly plans: readonly DevicePlan[],
    private readonly http: HttpSender,
    private readonly tokens: TokenIssuer,
    private readonly options: CrowdOptions,
  ) {
    // Both run on this machine's clock; a replica whose clock a fault moves is judged by the history.
    this.ledger = new Ledger(options.startedAtMs, 0);
  }

  /** Resolves when every message is delivered, or given up at the end of the drain. */
  async run(): Promise<void> {
    const { durationMs, drainMs, stop, ...options } = this.options;
    const limiter = new ConcurrencyLimiter(REQUESTS_AT_MOST);
    await runDevices(
      this.plans,
      this.metrics,
      { durationMs, drainMs, stop },
      (halt) =>
        new MessageSender(this.http, limiter, this.tokens, this.ledger, this.metrics, {
          ...options,
          retries: RETRIES,
          headersOf: ({ index }) => ({ 'x-forwarded-for': addressOf(index) }),
          halt,
        }),
    );
  }
}
