import { Ledger } from './bookkeeping/ledger.js';
import { TrafficMetrics } from './bookkeeping/traffic-metrics.js';
import { ConcurrencyLimiter } from './delivery/concurrency-limiter.js';
import { HttpClient } from './delivery/http-client.js';
import { MessageSender } from './delivery/message-sender.js';
import { runDevices } from './delivery/run-devices.js';
import { TokenIssuer } from './delivery/token-issuer.js';
import type { SimulationOptions } from './options.js';
import type { DevicePlan } from './planning/device-plan.js';
import { planDevice } from './planning/device-planner.js';
import { Random } from './planning/random.js';
import { ProgressLine, type Output } from './reporting/progress-line.js';
import { describeCrowd, renderSummary } from './reporting/report.js';
import type { Check } from './verification/check.js';
import { DashboardClient } from './verification/dashboard-client.js';
import { DashboardObserver } from './verification/dashboard-observer.js';
import { deliveryChecks } from './verification/delivery-checks.js';

export interface SimulationEnvironment {
  /** Returns the wall clock in milliseconds. */
  readonly now: () => number;
  readonly output: Output;
  /** Aborts on Ctrl-C: the run sends nothing new and still writes the summary. */
  readonly stop: AbortSignal;
}

export interface Outcome {
  readonly exitCode: 0 | 1 | 130;
  readonly checks: readonly Check[];
  readonly ledger: Ledger;
}

const TOKENS_OUTLIVE_RUN_MS = 3_600_000;
/** The error of a clock comparison: `Date` headers have whole seconds, and responses take time. */
const CLOCK_COMPARISON_ERROR_MS = 2_000;

/**
 * Runs the whole simulation and writes its progress and summary.
 * @throws UnreachableError when the service cannot be checked; nothing has been sent to it then
 */
export async function runSimulation(
  options: SimulationOptions,
  environment: SimulationEnvironment,
): Promise<Outcome> {
  const { now, output } = environment;
  const plans = Array.from({ length: options.devices }, (_, index) => planDevice(options, index));
  output.write(`seed ${options.seed}, run ${options.runId}, against ${options.url.href}\n`);
  output.write(`${describeCrowd(plans)}\n`);

  const http = new HttpClient(options.url, options.concurrency, options.timeoutMs);
  try {
    const tokenLifetimeMs = options.durationMs + options.drainMs + TOKENS_OUTLIVE_RUN_MS;
    const tokens = new TokenIssuer(options.jwtSecret, now(), tokenLifetimeMs);
    const random = Random.from(options.seed, options.runId, 'service');
    const dashboard = new DashboardClient(http, tokens.forAdmin(options.adminRole), random, now);
    return await new Simulation(options, environment, plans, http, tokens, dashboard).run();
  } finally {
    http.close();
  }
}

class Simulation {
  constructor(
    private readonly options: SimulationOptions,
    private readonly environment: SimulationEnvironment,
    private readonly plans: readonly DevicePlan[],
    private readonly http: HttpClient,
    private readonly tokens: TokenIssuer,
    private readonly dashboard: DashboardClient,
  ) {}

  async run(): Promise<Outcome> {
    const { output, now, stop } = this.environment;
    const { url, settleMs } = this.options;
    const observer = new DashboardObserver(this.dashboard, now);
    const before = await observer.observeBefore(url);
    const startedAtMs = now();
    const clockSlackMs = CLOCK_COMPARISON_ERROR_MS + Math.abs(this.dashboard.clockAheadMs ?? 0);
    const ledger = new Ledger(startedAtMs, clockSlackMs);
    const metrics = new TrafficMetrics();
    const progress = new ProgressLine(output, ledger, metrics);
    const startedMs = performance.now();
    progress.start();
    try {
      await this.runDevices(ledger, metrics, startedAtMs);
    } finally {
      progress.stop();
    }
    const seconds = (performance.now() - startedMs) / 1000;
    const checks = [
      ...deliveryChecks(ledger, stop.aborted),
      ...(await observer.checkAfter(ledger, before, startedAtMs, settleMs)),
    ];
    output.write(renderSummary(ledger, metrics, checks, seconds));
    const holds = checks.every(({ verdict }) => verdict !== 'wrong');
    return { exitCode: stop.aborted ? 130 : holds ? 0 : 1, checks, ledger };
  }

  /** Runs the devices and waits for their last message; `--drain` and Ctrl-C bound the wait. */
  private async runDevices(ledger: Ledger, metrics: TrafficMetrics, startedAtMs: number): Promise<void> {
    const { now, stop } = this.environment;
    const { seed, runId, speed, retries, concurrency, durationMs, drainMs } = this.options;
    const limiter = new ConcurrencyLimiter(concurrency);
    await runDevices(
      this.plans,
      metrics,
      { durationMs, drainMs, stop },
      (halt) =>
        new MessageSender(this.http, limiter, this.tokens, ledger, metrics, {
          seed,
          runId,
          speed,
          retries,
          startedAtMs,
          now,
          halt,
        }),
    );
  }
}
