import { DomainException } from '../../shared/exceptions/domain.exception.js';
import { isUnixSeconds } from '../../shared/rules/unix-seconds.rule.js';

const SKEW_TOLERANCE_MS = 5 * 60 * 1000;
const MAX_FUTURE_MS = 10 * 60 * 1000;
const DAY_MS = 24 * 60 * 60 * 1000;

export interface EventTimes {
  readonly eventTime: Date;
  readonly clientTime: Date;
}

/**
 * Returns how many milliseconds a device's clock is behind the server's; 0 within the tolerance of 5
 * minutes.
 */
export function clockSkewMs(sentAtSeconds: number | undefined, receivedAt: Date): number {
  if (sentAtSeconds === undefined) return 0;
  const skewMs = receivedAt.getTime() - Math.round(sentAtSeconds * 1000);
  return Math.abs(skewMs) > SKEW_TOLERANCE_MS ? skewMs : 0;
}

/** Determines when an event happened, and rejects implausible times. */
export class EventTimeService {
  /** @param maxAgeDays rejects older events; null accepts any age, as imports need */
  constructor(readonly maxAgeDays: number | null) {}

  /**
   * @param clientTs Unix seconds by the device's clock, fractions allowed
   * @param skewMs see {@link clockSkewMs}
   * @throws DomainException `client_ts_invalid`, `event_in_future`, `event_too_old`
   */
  resolve(clientTs: unknown, skewMs: number, receivedAt: Date): EventTimes {
    if (!isUnixSeconds(clientTs)) {
      throw new DomainException('client_ts_invalid', { field: 'clientTs' });
    }
    const clientTime = new Date(Math.round(clientTs * 1000));
    const eventTime = skewMs === 0 ? clientTime : new Date(clientTime.getTime() + skewMs);
    const ageMs = receivedAt.getTime() - eventTime.getTime();
    if (ageMs < -MAX_FUTURE_MS) {
      throw new DomainException('event_in_future', {
        detail: `clientTs is ${Math.ceil(-ageMs / 1000)} s in the future; 600 s are allowed. Send sentAt to have a wrong clock corrected`,
        field: 'clientTs',
      });
    }
    if (this.maxAgeDays !== null && ageMs > this.maxAgeDays * DAY_MS) {
      throw new DomainException('event_too_old', {
        detail: `clientTs is ${Math.floor(ageMs / DAY_MS)} days old; ${this.maxAgeDays} are accepted`,
        field: 'clientTs',
      });
    }
    return { eventTime, clientTime };
  }
}
