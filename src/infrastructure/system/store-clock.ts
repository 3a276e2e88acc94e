import { Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import type { IClockCheck } from '../../application/ports/clock-check.port.js';
import type { IClock } from '../../application/ports/clock.port.js';
import { clockOffsetSeconds } from '../../shared/metrics/state-metrics.js';
import { endsWithin } from '../../shared/utils/timeout.util.js';
import type { TimeSource } from './time-source.js';

const INTERVAL_MS = 10_000;
/** Interval until a store has answered. */
const FIRST_INTERVAL_MS = 1000;
const READ_TIMEOUT_MS = 1000;
/** Half of a round trip beyond which a reading is too vague to replace an earlier one. */
const MAX_UNCERTAINTY_MS = 500;
/** Ignores smaller differences, which are jitter, so that the time does not tremble. */
const STEP_MS = 100;
/** Difference beyond which the clock of this machine is off. */
const OFF_MS = 5000;

/** The clocks of this machine; tests set them. */
export interface LocalClock {
  /** Unix milliseconds; steps when somebody sets the machine's clock. */
  readonly wallMs: () => number;
  /** Milliseconds since any moment; never steps. */
  readonly monotonicMs: () => number;
}

const MACHINE: LocalClock = { wallMs: () => Date.now(), monotonicMs: () => performance.now() };

interface Reading {
  readonly monotonicMs: number;
  readonly timeMs: number;
  readonly uncertaintyMs: number;
}

/**
 * The time of a store, measured every ten seconds and carried on by the monotonic clock in between (docs/adr/0013).
 * Falls back to the machine's clock until a store has answered; afterwards a silent store changes nothing.
 */
export class StoreClock implements IClock, IClockCheck, OnModuleInit, OnApplicationShutdown {
  private readonly logger = new Logger(StoreClock.name);
  private anchor: Reading | null = null;
  /** Position in the list of the source that was measured. */
  private rank = Infinity;
  private off = false;
  private timer: NodeJS.Timeout | null = null;
  private isStopped = false;

  /** @param sources in order of preference; a later one serves only while none before it has ever answered */
  constructor(
    private readonly sources: readonly TimeSource[],
    private readonly local: LocalClock = MACHINE,
  ) {}

  get isOff(): boolean {
    return this.off;
  }

  /** True once a store has answered. */
  get isMeasured(): boolean {
    return this.anchor !== null;
  }

  now(): Date {
    return new Date(this.timeAt(this.local.monotonicMs()));
  }

  elapsedMs(): number {
    return this.local.monotonicMs();
  }

  onModuleInit(): void {
    this.schedule();
  }

  onApplicationShutdown(): void {
    this.isStopped = true;
    if (this.timer !== null) clearTimeout(this.timer);
  }

  /** Asks the stores for their time. Never throws: the adapters log that a store is unavailable. */
  async measure(): Promise<void> {
    for (const [rank, source] of this.sources.entries()) {
      if (rank > this.rank) return;
      const reading = await this.read(source);
      if (reading === null) continue;
      this.adopt(reading, rank);
      this.compare(reading, source);
      return;
    }
  }

  private async read(source: TimeSource): Promise<Reading | null> {
    const sentMs = this.local.monotonicMs();
    let timeMs: number | undefined;
    try {
      const answer = source.readMs().then((ms) => (timeMs = ms));
      if (!(await endsWithin(answer, READ_TIMEOUT_MS))) return null;
    } catch {
      return null;
    }
    const receivedMs = this.local.monotonicMs();
    if (timeMs === undefined || !Number.isFinite(timeMs)) return null;
    const monotonicMs = (sentMs + receivedMs) / 2;
    return { monotonicMs, timeMs, uncertaintyMs: (receivedMs - sentMs) / 2 };
  }

  private adopt(reading: Reading, rank: number): void {
    if (this.anchor !== null && rank === this.rank) {
      const differenceMs = Math.abs(reading.timeMs - this.timeAt(reading.monotonicMs));
      if (differenceMs <= Math.max(STEP_MS, reading.uncertaintyMs)) return;
      if (reading.uncertaintyMs > MAX_UNCERTAINTY_MS) return;
    }
    this.anchor = reading;
    this.rank = rank;
  }

  /** Publishes how far the clock of this machine is from the store's. */
  private compare(reading: Reading, { name }: TimeSource): void {
    const wallMs = this.local.wallMs() - (this.local.monotonicMs() - reading.monotonicMs);
    const aheadMs = wallMs - reading.timeMs;
    clockOffsetSeconds.set(aheadMs / 1000);
    const wasOff = this.off;
    this.off = Math.abs(aheadMs) - reading.uncertaintyMs > OFF_MS;
    if (this.off && !wasOff) {
      const direction = aheadMs > 0 ? 'ahead of' : 'behind';
      this.logger.warn(
        `The clock of this machine is ${(Math.abs(aheadMs) / 1000).toFixed(1)} s ${direction} ${name}; 5 s are allowed. ` +
          `The service goes by ${name}: synchronise the clock of this machine or of ${name}`,
      );
    } else if (wasOff && !this.off) this.logger.log(`The clock of this machine agrees with ${name} again`);
  }

  private timeAt(monotonicMs: number): number {
    if (this.anchor === null) return this.local.wallMs();
    return this.anchor.timeMs + monotonicMs - this.anchor.monotonicMs;
  }

  private schedule(): void {
    if (this.isStopped || this.sources.length === 0) return;
    const delayMs = this.anchor === null ? FIRST_INTERVAL_MS : INTERVAL_MS;
    this.timer = setTimeout(() => {
      void this.measure().then(() => {
        this.schedule();
      });
    }, delayMs);
    // A command ends while this timer waits.
    this.timer.unref();
  }
}
