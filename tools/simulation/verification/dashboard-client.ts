import type { HttpResponse, HttpSender } from '../delivery/http-client.js';
import { pause } from '../delivery/pause.js';
import { readFigureRows, type FigureRows } from '../delivery/figure-rows.js';
import {
  ContractError,
  readDau,
  readDailyOnline,
  readLiveDau,
  readOnlineCount,
  type DailyOnline,
  type DayStats,
  type LiveDau,
  type OnlineCount,
} from '../delivery/responses.js';
import { backoffMs, isRetryable } from '../delivery/retry-policy.js';
import type { Random } from '../planning/random.js';

const READ_ATTEMPTS = 5;

/** The service gave no usable response to a query of the dashboard. */
export class DashboardError extends Error {
  override readonly name = 'DashboardError';
}

/** The service gave no response at all. */
export class NoResponseError extends DashboardError {}

/** An online count with the monotonic times of its request and response. */
export interface OnlineReading extends OnlineCount {
  readonly sentMs: number;
  readonly answeredMs: number;
}

/** Queries the service's figures as the dashboard does. */
export class DashboardClient {
  /** The lead of the service's clock at the last response, to a second; undefined without a `Date` header. */
  clockAheadMs: number | undefined;

  constructor(
    private readonly http: HttpSender,
    private readonly token: string,
    private readonly random: Random,
    private readonly now: () => number,
  ) {}

  async onlineCount(): Promise<OnlineReading> {
    const path = '/presence/online-count';
    const response = await this.get(path);
    const answeredMs = performance.now();
    return {
      ...this.parse(response, path, readOnlineCount),
      sentMs: answeredMs - response.latencyMs,
      answeredMs,
    };
  }

  async dau(startDate: string, endDate: string): Promise<Map<string, DayStats>> {
    const path = `/analytics/dau?startDate=${startDate}&endDate=${endDate}`;
    return this.parse(await this.get(path), path, readDau);
  }

  async liveDau(): Promise<LiveDau> {
    const path = '/analytics/dau/realtime';
    return this.parse(await this.get(path), path, readLiveDau);
  }

  /** @param question path and parameters of a route over spans of days, without the days */
  async figures(question: string, startDate: string, endDate: string): Promise<FigureRows> {
    const path = `${question}&startDate=${startDate}&endDate=${endDate}`.replace('?&', '?');
    return this.parse(await this.get(path), path, readFigureRows);
  }

  async dailyOnline(startDate: string, endDate: string): Promise<Map<string, DailyOnline>> {
    const path = `/presence/daily?startDate=${startDate}&endDate=${endDate}`;
    return this.parse(await this.get(path), path, readDailyOnline);
  }

  private async get(path: string): Promise<HttpResponse> {
    for (let failures = 1; ; failures += 1) {
      const outcome = await this.http.send({ method: 'GET', path, token: this.token });
      if (outcome.kind === 'response' && outcome.status === 200) {
        if (outcome.dateMs !== undefined) this.clockAheadMs = outcome.dateMs - this.now();
        return outcome;
      }
      const isFinal = outcome.kind === 'response' ? !isRetryable(outcome.status) : !outcome.mayHaveArrived;
      if (isFinal || failures === READ_ATTEMPTS) {
        if (outcome.kind === 'no response')
          throw new NoResponseError(`GET ${path} got no answer (${outcome.reason})`);
        throw new DashboardError(`GET ${path} answered ${String(outcome.status)}${hintFor(outcome.status)}`);
      }
      const retryAfterMs = outcome.kind === 'response' ? outcome.retryAfterMs : undefined;
      await pause(backoffMs(failures, retryAfterMs, this.random));
    }
  }

  private parse<T>({ body }: HttpResponse, path: string, read: (body: unknown) => T): T {
    try {
      return read(body);
    } catch (error) {
      if (error instanceof ContractError) throw new DashboardError(`GET ${path}: ${error.message}`);
      throw error;
    }
  }
}

function hintFor(status: number): string {
  if (status === 401) return ': --jwt-secret (or JWT_SECRET) must be the secret of the service';
  if (status === 403) return ': --admin-role must be one of the roles in its ADMIN_ROLES';
  return '';
}
