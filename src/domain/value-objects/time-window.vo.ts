import { DomainException } from '../../shared/exceptions/domain.exception.js';

/** The time for which a heartbeat keeps a user online. */
export class TimeWindow {
  static readonly DEFAULT_ONLINE_WINDOW_SECONDS = 180;
  static readonly DEFAULT_HEARTBEAT_INTERVAL_SECONDS = 60;

  /** Time for which a last heartbeat is stored. Nothing reads one that is older than the window; see docs/adr/0018. */
  static readonly KEPT_SECONDS = 300;

  /** Difference that is tolerated between the clock of a heartbeat and the clock that judges it. */
  static readonly FUTURE_TOLERANCE_SECONDS = 5;

  private constructor(readonly windowSeconds: number) {}

  static default(): TimeWindow {
    return new TimeWindow(TimeWindow.DEFAULT_ONLINE_WINDOW_SECONDS);
  }

  /** @throws DomainException `time_window_invalid` unless a whole number of seconds above zero */
  static ofSeconds(seconds: number): TimeWindow {
    if (!Number.isSafeInteger(seconds) || seconds <= 0) {
      throw new DomainException('time_window_invalid');
    }
    return new TimeWindow(seconds);
  }

  /** Returns Unix seconds; a heartbeat *later* than this is within the window. */
  getThresholdTimestamp(now: Date): number {
    return Math.floor(now.getTime() / 1000) - this.windowSeconds;
  }
}

/** Returns the latest plausible Unix second of a heartbeat; a later one comes from a clock that ran ahead. */
export function latestTimestamp(now: Date): number {
  return Math.floor(now.getTime() / 1000) + TimeWindow.FUTURE_TOLERANCE_SECONDS;
}
