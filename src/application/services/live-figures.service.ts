import { Inject, Injectable, Logger } from '@nestjs/common';
import { QueryBus, type Query } from '@nestjs/cqrs';
import { isServiceException } from '../../shared/exceptions/service-exception.js';
import { settleWithin, TimeLimitError } from '../../shared/utils/timeout.util.js';
import { CLOCK, type IClock } from '../ports/clock.port.js';
import { GetOnlineCountQuery } from '../queries/get-online-count/get-online-count.query.js';
import { GetReadinessQuery } from '../queries/get-readiness/get-readiness.query.js';
import { GetRealtimeDauQuery } from '../queries/get-realtime-dau/get-realtime-dau.query.js';
import type {
  FigureState,
  LiveEvent,
  LiveFeed,
  LiveListener,
  LiveStatus,
} from '../queries/watch-figures/watch-figures.query.js';
import { AlignedTicks } from '../schedulers/aligned-ticks.js';
import { LiveMemory } from './live-memory.js';

const PERIOD_MS = 5_000;
/** Bounds each reading, so that the readings of two ticks never overlap. */
const READING_TIMEOUT_MS = 4_000;

type Reading<T> = { readonly value: T } | { readonly failure: FigureState };

/**
 * Reads the stores every five seconds for all watchers of this process: from the first one to the last one
 * (docs/adr/0025). Reports figures that cannot be read in the status.
 */
@Injectable()
export class LiveFigures implements LiveFeed {
  private readonly logger = new Logger(LiveFigures.name);
  private readonly listeners = new Set<LiveListener>();
  private readonly memory = new LiveMemory();
  private readonly ticks: AlignedTicks;

  constructor(
    @Inject(CLOCK) clock: IClock,
    private readonly queryBus: QueryBus,
  ) {
    this.ticks = new AlignedTicks(clock, PERIOD_MS, (tickMs) => void this.read(tickMs / 1000));
  }

  subscribe(afterTick: number | null, listener: LiveListener): () => void {
    for (const event of this.memory.recall(afterTick)) listener(event);
    // Keeps two subscriptions of one function apart.
    const own: LiveListener = (event) => {
      listener(event);
    };
    this.listeners.add(own);
    if (this.listeners.size === 1) this.ticks.start();
    return () => {
      if (!this.listeners.delete(own) || this.listeners.size > 0) return;
      this.ticks.stop();
      this.memory.forgetState();
    };
  }

  /** Never rejects. */
  private async read(tick: number): Promise<void> {
    const [online, dau, readiness] = await Promise.all([
      this.readOnline(tick),
      this.readDau(),
      this.ask(new GetReadinessQuery()),
    ]);
    if ('failure' in readiness) return;
    this.publishStatus({ ...readiness.value, figures: { online, dau } });
  }

  private async readOnline(tick: number): Promise<FigureState> {
    const reading = await this.ask(new GetOnlineCountQuery());
    if ('failure' in reading) return this.fail('online', reading.failure);
    this.publish({ name: 'online', tick, data: reading.value });
    return 'ok';
  }

  private async readDau(): Promise<FigureState> {
    const reading = await this.ask(new GetRealtimeDauQuery());
    if ('failure' in reading) return this.fail('dau', reading.failure);
    const event: LiveEvent = { name: 'dau', data: reading.value };
    if (this.memory.isNews(event)) this.publish(event);
    return 'ok';
  }

  private publishStatus(data: LiveStatus): void {
    const event: LiveEvent = { name: 'status', data };
    if (this.memory.isNews(event)) this.publish(event);
  }

  /** Forgets the last figure: a new watcher must not take it for the present one. */
  private fail(name: 'online' | 'dau', failure: FigureState): FigureState {
    this.memory.forget(name);
    return failure;
  }

  /** A reading that ends after the last watcher has left is dropped. */
  private publish(event: LiveEvent): void {
    if (this.listeners.size === 0) return;
    this.memory.remember(event);
    for (const listener of this.listeners) listener(event);
  }

  private async ask<Result>(query: Query<Result>): Promise<Reading<Result>> {
    try {
      return { value: await settleWithin(this.queryBus.execute(query), READING_TIMEOUT_MS) };
    } catch (error) {
      if (error instanceof TimeLimitError) return { failure: 'answer_too_slow' };
      if (isServiceException(error)) return { failure: error.code };
      this.logger.error('A live figure could not be read', error);
      return { failure: 'internal_error' };
    }
  }
}
