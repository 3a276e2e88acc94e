import type { Ledger } from '../bookkeeping/ledger.js';
import { shanghaiDay } from '../bookkeeping/shanghai-day.js';
import type { FigureRows } from '../delivery/figure-rows.js';
import { pause } from '../delivery/pause.js';
import { EARLIEST_EVENT_TIME_MS } from '../planning/device-planner.js';
import type { Check } from './check.js';
import { dailyOnlineCheck } from './daily-online-check.js';
import { dashboardChecks, type Observation } from './dashboard-checks.js';
import { DashboardError, NoResponseError, type DashboardClient } from './dashboard-client.js';
import { spanChecks } from './span-checks.js';
import { SPAN_QUESTIONS } from './span-questions.js';

/** The service gave no usable response before anything was sent. */
export class UnreachableError extends Error {
  override readonly name = 'UnreachableError';
}

const POLL_EVERY_MS = 500;
/** A bound far below the 5 minutes of clock error from which the service would correct right clocks. */
const MAX_CLOCK_DIFFERENCE_MS = 60_000;

/** Reads the dashboard before the run and checks it afterwards. */
export class DashboardObserver {
  constructor(
    private readonly dashboard: DashboardClient,
    /** Returns the wall clock in milliseconds. */
    private readonly now: () => number,
  ) {}

  /** @throws UnreachableError when the service does not respond, or its clock is too far from this machine's */
  async observeBefore({ href }: URL): Promise<Observation> {
    let before: Observation;
    try {
      // Future days have no actives yet, and the service may reject a query for them.
      const days = [shanghaiDay(this.now() + EARLIEST_EVENT_TIME_MS), shanghaiDay(this.now())] as const;
      before = await this.observe(days, days);
    } catch (error) {
      if (!(error instanceof DashboardError)) throw error;
      const hint =
        error instanceof NoResponseError
          ? `\nIs the service running at ${href}? Start it with: npm start`
          : '';
      throw new UnreachableError(`${error.message}${hint}`);
    }
    const aheadMs = this.dashboard.clockAheadMs ?? 0;
    if (Math.abs(aheadMs) > MAX_CLOCK_DIFFERENCE_MS) {
      throw new UnreachableError(
        `The service's clock and this machine's differ by ${(aheadMs / 1000).toFixed(0)} s: no number could be checked. Set the clocks first.`,
      );
    }
    return before;
  }

  /** Polls until every check is right, or until the dashboard has had `settleMs` to catch up. */
  async checkAfter(
    ledger: Ledger,
    before: Observation,
    startedAtMs: number,
    settleMs: number,
  ): Promise<Check[]> {
    const deadlineMs = performance.now() + settleMs;
    const endedAtMs = this.now() + (this.dashboard.clockAheadMs ?? 0);
    for (;;) {
      const today = shanghaiDay(this.now());
      const days = [...ledger.actives.days(), today, shanghaiDay(startedAtMs)].sort();
      try {
        const after = await this.observe([days[0] ?? today, days.at(-1) ?? today], before.days);
        const serviceNowMs = this.now() + (this.dashboard.clockAheadMs ?? 0);
        const checks = [
          ...dashboardChecks(ledger, before, after),
          dailyOnlineCheck(ledger, before, after, serviceNowMs),
        ];
        const spans = spanChecks(ledger.spans.expected(), before.spans, after.spans, endedAtMs);
        // Bits are built each hour, which is no reason to wait.
        const isDone =
          checks.every(({ verdict }) => verdict === 'right') &&
          spans.every(({ verdict }) => verdict !== 'wrong');
        if (isDone || performance.now() >= deadlineMs) return [...checks, ...spans];
      } catch (error) {
        if (!(error instanceof DashboardError)) throw error;
        if (performance.now() >= deadlineMs) {
          return [{ verdict: 'wrong', name: 'dashboard answers', detail: error.message, samples: [] }];
        }
      }
      await pause(Math.min(POLL_EVERY_MS, Math.max(1, deadlineMs - performance.now())));
    }
  }

  private async observe(
    dauDays: readonly [first: string, last: string],
    days: readonly [first: string, last: string],
  ): Promise<Observation> {
    const dau = await this.dashboard.dau(...dauDays);
    const live = await this.dashboard.liveDau();
    const spans: FigureRows[] = [];
    for (const { path } of SPAN_QUESTIONS) spans.push(await this.dashboard.figures(path, ...days));
    const online = await this.dashboard.onlineCount();
    return { dau, live, spans, days, online, daily: await this.dashboard.dailyOnline(...days) };
  }
}
