import { setMaxListeners } from 'node:events';
import { dashboardChecks, deliveryChecks, type Check, type Observation } from './checks.js';
import { Courier } from './courier.js';
import { Crowd } from './crowd.js';
import { HttpClient } from './http-client.js';
import { TokenIssuer } from './jwt.js';
import { Ledger } from './ledger.js';
import { Limiter } from './limiter.js';
import type { SimulationOptions } from './options.js';
import { pause } from './pause.js';
import { eventTimeBounds, planDevice, type DevicePlan } from './plan.js';
import { ProgressLine, type Output } from './progress.js';
import { Random } from './random.js';
import { describeCrowd, summary } from './report.js';
import { NoAnswerError, Service, ServiceError } from './service.js';
import { shanghaiDay } from './shanghai-day.js';
import { Traffic } from './traffic.js';

/** The service did not answer, or not as a service would, before anything was sent: exit code 2. */
export class UnreachableError extends Error {
  override readonly name = 'UnreachableError';
}

export interface Surroundings {
  /** Wall clock in milliseconds. */
  readonly now: () => number;
  readonly output: Output;
  /** Fires on Ctrl-C: nothing new is sent, the summary is still written. */
  readonly stop: AbortSignal;
}

export interface Outcome {
  readonly exitCode: 0 | 1 | 130;
  readonly checks: readonly Check[];
  readonly ledger: Ledger;
}

const POLL_EVERY_MS = 500;
const TOKENS_OUTLIVE_RUN_MS = 3_600_000;
/** What answers' whole-second `Date` headers and their way back blur in a comparison of clocks. */
const CLOCK_BLUR_MS = 2_000;
/** From 5 minutes on the service would correct clocks that are right; a good part below, sums stay exact. */
const LARGEST_CLOCK_DIFFERENCE_MS = 60_000;

export async function runSimulation(
  options: SimulationOptions,
  surroundings: Surroundings,
): Promise<Outcome> {
  const { now, output, stop } = surroundings;
  const plans = Array.from({ length: options.devices }, (_, index) => planDevice(options, index));
  output.write(`seed ${options.seed}, run ${options.runId}, against ${options.url.href}\n`);
  output.write(`${describeCrowd(plans)}\n`);

  const http = new HttpClient(options.url, options.concurrency, options.timeoutMs);
  try {
    const startedAtMs = now();
    const tokens = new TokenIssuer(
      options.jwtSecret,
      startedAtMs,
      options.durationMs + options.drainMs + TOKENS_OUTLIVE_RUN_MS,
    );
    const random = Random.from(options.seed, options.runId, 'service');
    const service = new Service(http, tokens.forAdmin(options.adminRole), random, now);
    return await new Simulation(options, surroundings, plans, http, tokens, service).run(stop);
  } finally {
    http.close();
  }
}

class Simulation {
  constructor(
    private readonly options: SimulationOptions,
    private readonly surroundings: Surroundings,
    private readonly plans: readonly DevicePlan[],
    private readonly http: HttpClient,
    private readonly tokens: TokenIssuer,
    private readonly service: Service,
  ) {}

  async run(stop: AbortSignal): Promise<Outcome> {
    const { output, now } = this.surroundings;
    const before = await this.observeBefore();
    const startedAtMs = now();
    const ledger = new Ledger(startedAtMs, CLOCK_BLUR_MS + Math.abs(this.service.clockAheadMs ?? 0));
    const traffic = new Traffic();
    const progress = new ProgressLine(output, ledger, traffic);
    const startedMs = performance.now();
    progress.start();
    try {
      await this.live(ledger, traffic, startedAtMs, stop);
    } finally {
      progress.stop();
    }
    const seconds = (performance.now() - startedMs) / 1000;
    const checks = [
      ...deliveryChecks(ledger, stop.aborted),
      ...(await this.checkDashboard(ledger, before, startedAtMs)),
    ];
    output.write(summary(ledger, traffic, checks, seconds));
    const holds = checks.every(({ verdict }) => verdict !== 'wrong');
    return { exitCode: stop.aborted ? 130 : holds ? 0 : 1, checks, ledger };
  }

  /** Runs the crowd and waits for its last message: `--drain` and Ctrl-C bound the wait. */
  private async live(
    ledger: Ledger,
    traffic: Traffic,
    startedAtMs: number,
    stop: AbortSignal,
  ): Promise<void> {
    const { options } = this;
    const halt = new AbortController();
    // Thousands of messages may be waiting to be tried again.
    setMaxListeners(0, halt.signal);
    const onStop = (): void => {
      halt.abort();
    };
    if (stop.aborted) onStop();
    stop.addEventListener('abort', onStop);
    let deadline: NodeJS.Timeout | undefined;
    try {
      const { seed, runId, speed, retries } = options;
      const courier = new Courier(this.http, new Limiter(options.concurrency), this.tokens, ledger, traffic, {
        seed,
        runId,
        speed,
        retries,
        startedAtMs,
        now: this.surroundings.now,
        halt: halt.signal,
      });
      const crowd = new Crowd(courier, traffic);
      await crowd.live(this.plans, options.durationMs, halt.signal);
      deadline = setTimeout(onStop, options.drainMs);
      await crowd.settle();
    } finally {
      clearTimeout(deadline);
      stop.removeEventListener('abort', onStop);
    }
  }

  private async observeBefore(): Promise<Observation> {
    const { now } = this.surroundings;
    const { earliestMs } = eventTimeBounds(this.options.durationMs);
    let before: Observation;
    try {
      // Days to come have no actives yet, and asking for them may be refused.
      before = await this.observe(shanghaiDay(now() + earliestMs), shanghaiDay(now()));
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      const { href } = this.options.url;
      const hint =
        error instanceof NoAnswerError ? `\nIs the service running at ${href}? Start it with: npm start` : '';
      throw new UnreachableError(`${error.message}${hint}`);
    }
    const aheadMs = this.service.clockAheadMs ?? 0;
    if (Math.abs(aheadMs) > LARGEST_CLOCK_DIFFERENCE_MS) {
      throw new UnreachableError(
        `The service's clock and this machine's differ by ${(aheadMs / 1000).toFixed(0)} s: no number could be checked. Set the clocks first.`,
      );
    }
    return before;
  }

  private async observe(firstDay: string, lastDay: string): Promise<Observation> {
    const dau = await this.service.dau(firstDay, lastDay);
    const live = await this.service.liveDau();
    return { dau, live, online: await this.service.onlineCount() };
  }

  /** Asks until everything is as it must be, or for as long as the dashboard may take to catch up. */
  private async checkDashboard(ledger: Ledger, before: Observation, startedAtMs: number): Promise<Check[]> {
    const { settleMs } = this.options;
    const never = new AbortController().signal;
    const deadlineMs = performance.now() + settleMs;
    for (;;) {
      const today = shanghaiDay(this.surroundings.now());
      const days = [...ledger.actives.days(), today, shanghaiDay(startedAtMs)].sort();
      try {
        const after = await this.observe(days[0] ?? today, days.at(-1) ?? today);
        const checks = dashboardChecks(ledger, before, after);
        if (checks.every(({ verdict }) => verdict === 'right') || performance.now() >= deadlineMs)
          return checks;
      } catch (error) {
        if (!(error instanceof ServiceError)) throw error;
        if (performance.now() >= deadlineMs) {
          return [{ verdict: 'wrong', name: 'dashboard answers', detail: error.message, samples: [] }];
        }
      }
      await pause(Math.min(POLL_EVERY_MS, Math.max(1, deadlineMs - performance.now())), never);
    }
  }
}
