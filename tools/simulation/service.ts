import {
  ContractError,
  readDau,
  readLiveDau,
  readOnlineCount,
  type DayStats,
  type LiveDau,
  type OnlineCount,
} from './answers.js';
import { backoffMs, isRetryable } from './backoff.js';
import type { HttpAnswer, HttpClient } from './http-client.js';
import { pause } from './pause.js';
import type { Random } from './random.js';

const READ_ATTEMPTS = 5;

/** The service gave no usable answer to a question of the dashboard. */
export class ServiceError extends Error {
  override readonly name = 'ServiceError';
}

/** There was no answer at all. */
export class NoAnswerError extends ServiceError {}

/** A moment's online count, with the monotonic times between which it was taken. */
export interface OnlineReading extends OnlineCount {
  readonly askedMs: number;
  readonly answeredMs: number;
}

/** The dashboard's questions. */
export class Service {
  /** How far the service's clock was ahead at the last answer, to a second; undefined when it does not say. */
  clockAheadMs: number | undefined;

  constructor(
    private readonly http: HttpClient,
    private readonly token: string,
    private readonly random: Random,
    private readonly now: () => number,
  ) {}

  async onlineCount(): Promise<OnlineReading> {
    const answer = await this.get('/presence/online-count');
    const answeredMs = performance.now();
    return {
      ...this.read(answer, '/presence/online-count', readOnlineCount),
      askedMs: answeredMs - answer.latencyMs,
      answeredMs,
    };
  }

  async dau(startDate: string, endDate: string): Promise<Map<string, DayStats>> {
    const path = `/analytics/dau?startDate=${startDate}&endDate=${endDate}`;
    return this.read(await this.get(path), path, readDau);
  }

  async liveDau(): Promise<LiveDau> {
    return this.read(await this.get('/analytics/dau/realtime'), '/analytics/dau/realtime', readLiveDau);
  }

  private async get(path: string): Promise<HttpAnswer> {
    for (let failures = 1; ; failures += 1) {
      const outcome = await this.http.exchange({ method: 'GET', path, token: this.token });
      if (outcome.kind === 'answer' && outcome.status === 200) {
        if (outcome.dateMs !== undefined) this.clockAheadMs = outcome.dateMs - this.now();
        return outcome;
      }
      const isFinal = outcome.kind === 'answer' ? !isRetryable(outcome.status) : !outcome.mayHaveArrived;
      if (isFinal || failures === READ_ATTEMPTS) {
        if (outcome.kind === 'no answer')
          throw new NoAnswerError(`GET ${path} got no answer (${outcome.reason})`);
        throw new ServiceError(`GET ${path} answered ${String(outcome.status)}${hintFor(outcome.status)}`);
      }
      const retryAfterMs = outcome.kind === 'answer' ? outcome.retryAfterMs : undefined;
      await pause(backoffMs(failures, retryAfterMs, this.random), new AbortController().signal);
    }
  }

  private read<T>(answer: HttpAnswer, path: string, reader: (body: unknown) => T): T {
    try {
      return reader(answer.body);
    } catch (error) {
      if (error instanceof ContractError) throw new ServiceError(`GET ${path}: ${error.message}`);
      throw error;
    }
  }
}

function hintFor(status: number): string {
  if (status === 401) return ': --jwt-secret (or JWT_SECRET) must be the secret of the service';
  if (status === 403) return ': --admin-role must be one of the roles in its ADMIN_ROLES';
  return '';
}
