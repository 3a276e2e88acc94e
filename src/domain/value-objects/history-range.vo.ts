import { DomainException } from '../../shared/exceptions/domain.exception.js';
import { fieldMessage } from '../../shared/utils/field-message.util.js';
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
      const [field, value] = start < EARLIEST ? (['startTime', start] as const) : (['endTime', end] as const);
      const rule = 'lie between the years 2000 and 2100';
      throw invalid(fieldMessage(field, rule, value.toISOString(), 'correct the year'), field);
    }
    const spanMs = end.getTime() - start.getTime();
    if (spanMs <= 0) {
      const nextStep = `swap it with startTime, which is "${start.toISOString()}", or move it`;
      throw invalid(
        fieldMessage('endTime', 'be later than startTime', end.toISOString(), nextStep),
        'endTime',
      );
    }
    const maxDays = MAX_HISTORY_DAYS[interval];
    if (spanMs > maxDays * DAY_MS) {
      const days = Math.ceil((spanMs / DAY_MS) * 10) / 10;
      throw invalid(
        `endTime must be at most ${maxDays} days after startTime at an interval of ${interval}, it is ${days}: ` +
          'ask for less at a time, or for a longer interval',
        'endTime',
      );
    }
    return new HistoryRange(start, end);
  }
}

function invalid(detail: string, field: string): DomainException {
  return new DomainException('time_range_invalid', { detail, field });
}
