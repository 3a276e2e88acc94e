import { DomainException } from '../../shared/exceptions/domain.exception.js';
import { describeUnixSeconds, toUnixSeconds } from '../../shared/rules/unix-seconds.rule.js';

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
   * @param hasSentAt whether the request had a `sentAt`; decides the next step that a rejection names
   * @throws DomainException `client_ts_invalid`, `event_in_future`, `event_too_old`
   */
  resolve(clientTs: unknown, skewMs: number, receivedAt: Date, hasSentAt = false): EventTimes {
    const seconds = toUnixSeconds(clientTs);
    if (seconds === null) {
      throw new DomainException('client_ts_invalid', {
        detail: describeUnixSeconds('clientTs', clientTs),
        field: 'clientTs',
      });
    }
    const clientTime = new Date(Math.round(seconds * 1000));
    const eventTime = skewMs === 0 ? clientTime : new Date(clientTime.getTime() + skewMs);
    const ageMs = receivedAt.getTime() - eventTime.getTime();
    if (ageMs < -MAX_FUTURE_MS) {
      throw new DomainException('event_in_future', {
        detail: `clientTs is ${Math.ceil(-ageMs / 1000)} s in the future; 600 s are allowed. ${this.nextStep(skewMs, hasSentAt)}`,
        field: 'clientTs',
      });
    }
    if (this.maxAgeDays !== null && ageMs > this.maxAgeDays * DAY_MS) {
      throw new DomainException('event_too_old', {
        detail:
          `clientTs must be at most ${this.maxAgeDays} days old, it is ${Math.floor(ageMs / DAY_MS)} days old: ` +
          'drop the event, or have an operator import it',
        field: 'clientTs',
      });
    }
    return { eventTime, clientTime };
  }

  private nextStep(skewMs: number, hasSentAt: boolean): string {
    if (this.maxAgeDays === null) return 'Correct clientTs';
    if (!hasSentAt) return 'Send sentAt to have a wrong clock corrected';
    return skewMs === 0
      ? 'sentAt agrees with the server, so the clock was set after the event: correct clientTs by that change, or drop the event'
      : 'It is later than sentAt, which must be the clock at the moment of this attempt: take sentAt anew for each attempt';
  }
}
