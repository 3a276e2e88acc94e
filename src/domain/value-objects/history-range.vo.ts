import { DomainException } from '../../shared/exceptions/domain.exception.js';
import { MAX_HISTORY_DAYS, type HistoryInterval } from '../../shared/rules/history-interval.rule.js';

const DAY_MS = 24 * 60 * 60 * 1000;
/** Bounds that exclude years which ISO 8601 cannot write in four digits. */
const EARLIEST = new Date('2000-01-01T00:00:00Z');
const LATEST = new Date('2100-01-01T00:00:00Z');

/** A half-open range of an online history, short enough for its interval. */
export class HistoryRange {
  private constructor(
    readonly start: Date,
    readonly end: Date,
  ) {}

  /** @throws DomainException `time_range_invalid` */
  static of(start: Date, end: Date, interval: HistoryInterval): HistoryRange {
    if (start < EARLIEST || end > LATEST) {
      throw invalid('startTime and endTime must lie between the years 2000 and 2100', 'startTime');
    }
    const spanMs = end.getTime() - start.getTime();
    if (spanMs <= 0) throw invalid('endTime must be later than startTime', 'endTime');
    const maxDays = MAX_HISTORY_DAYS[interval];
    if (spanMs > maxDays * DAY_MS) {
      throw invalid(`at most ${maxDays} days at an interval of ${interval}`, 'endTime');
    }
    return new HistoryRange(start, end);
  }
}

function invalid(detail: string, field: string): DomainException {
  return new DomainException('time_range_invalid', { detail, field });
}
