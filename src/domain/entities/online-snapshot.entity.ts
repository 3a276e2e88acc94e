import { DomainException } from '../../shared/exceptions/domain.exception.js';
import { minuteOf } from '../../shared/utils/timezone.util.js';

// Timers may fire early; such a snapshot belongs to the minute that follows.
const EARLY_TOLERANCE_MS = 500;

/** The number of users online in a minute. A minute has one snapshot, whichever replica takes it. */
export class OnlineSnapshot {
  private constructor(
    /** The full minute. */
    readonly ts: Date,
    readonly onlineCount: number,
    readonly windowSeconds: number,
  ) {}

  /** @throws DomainException `online_count_invalid` unless the count is a whole number, zero or more */
  static create(props: {
    readonly takenAt: Date;
    readonly onlineCount: number;
    readonly windowSeconds: number;
  }): OnlineSnapshot {
    if (!Number.isSafeInteger(props.onlineCount) || props.onlineCount < 0) {
      throw new DomainException('online_count_invalid');
    }
    return new OnlineSnapshot(
      minuteOf(props.takenAt, EARLY_TOLERANCE_MS),
      props.onlineCount,
      props.windowSeconds,
    );
  }
}
