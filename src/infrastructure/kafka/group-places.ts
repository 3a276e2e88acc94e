import { ApplicationException } from '../../shared/exceptions/application.exception.js';
import { startIoTimer, type StartTimer } from '../../shared/utils/timeout.util.js';

interface Waiter {
  readonly count: number;
  readonly admit: () => void;
  readonly cancelTimer: () => void;
}

/**
 * Places of a bounded buffer for groups of events. A group waits in its turn until all of it fits; a group larger
 * than the limit fits when nothing else is there.
 */
export class GroupPlaces {
  private readonly waiters: Waiter[] = [];
  private waiting = 0;
  private reserved = 0;

  /**
   * @param limit events, buffered ones included, up to which groups are admitted; as many places may be waited for
   * @param buffered returns the events in the buffer
   */
  constructor(
    private readonly limit: number,
    private readonly buffered: () => number,
    private readonly timeoutMs: number,
    private readonly startTimer: StartTimer = startIoTimer,
  ) {}

  /** Events that are announced and not yet in the buffer. */
  get announced(): number {
    return this.reserved;
  }

  /** @throws ApplicationException `overloaded` when the time is up, or when too many wait */
  take(count: number): Promise<void> {
    if (this.waiters.length === 0 && this.fits(count)) {
      this.reserved += count;
      return Promise.resolve();
    }
    if (this.waiters.length > 0 && this.waiting + count > this.limit)
      return Promise.reject(overloaded(count));
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        count,
        admit: resolve,
        cancelTimer: this.startTimer(() => {
          this.waiters.splice(this.waiters.indexOf(waiter), 1);
          this.waiting -= count;
          reject(overloaded(count));
          this.admitFitting();
        }, this.timeoutMs),
      };
      this.waiters.push(waiter);
      this.waiting += count;
    });
  }

  /** Gives back places that were used or are not needed, and admits the next groups. */
  giveBack(count: number): void {
    this.reserved -= count;
    this.admitFitting();
  }

  /** Admits the groups that fit, in order of arrival. @param all admits every group, whatever its size */
  admitFitting({ all = false } = {}): void {
    for (
      let next = this.waiters[0];
      next !== undefined && (all || this.fits(next.count));
      next = this.waiters[0]
    ) {
      this.waiters.shift();
      this.waiting -= next.count;
      this.reserved += next.count;
      next.cancelTimer();
      next.admit();
    }
  }

  private fits(count: number): boolean {
    const taken = this.buffered() + this.reserved;
    return taken === 0 || taken + count <= this.limit;
  }
}

function overloaded(count: number): ApplicationException {
  return new ApplicationException('overloaded', {
    detail:
      `The events of ${count} heartbeats find no room among those that wait for Kafka. Nothing was recorded: ` +
      'send the same request again later.',
    retryAfterSeconds: 1,
  });
}
