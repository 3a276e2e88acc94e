import {
  ActivesModel,
  daysBetween,
  type ModelPlace,
  type ModelSession,
} from '../../../../tools/model/actives-model.js';
import { intervalsOf } from '../../../support/span-intervals.js';

/** Faults that figures over spans of days could have. */
export const SPAN_FAULTS = [
  'adds up the days of a span',
  'counts everybody of a span as new',
  'ignores a filter by province',
  'ignores a filter by city',
  'keeps the last window of days as it was',
  'counts all who return as resurrected',
  'retains nobody',
] as const;
export type SpanFault = (typeof SPAN_FAULTS)[number];

/** Answers the routes over spans of days from plain sets. */
export class FakeSpans {
  private readonly model = new ActivesModel();
  private readonly known = new Set<string>();

  constructor(
    private readonly fault: string | undefined,
    /** Returns the instant of the last build. */
    private readonly builtAt: () => string,
  ) {}

  add(session: ModelSession): void {
    const key = JSON.stringify(session);
    if (!this.known.has(key)) this.model.add(session);
    this.known.add(key);
  }

  answer(path: string, query: URLSearchParams): object {
    const [first, last] = [query.get('startDate') ?? '', query.get('endDate') ?? ''];
    const days = daysBetween(first, last);
    const data = this.rows(path, query, [first, last], days);
    return { data, total: data.length, calculatedAt: this.builtAt() };
  }

  private rows(
    path: string,
    query: URLSearchParams,
    [first, last]: readonly [string, string],
    days: readonly string[],
  ): object[] {
    const place = this.placeOf(query);
    switch (path) {
      case '/analytics/active-users':
        return intervalsOf(first, last, query.get('interval') ?? '').map(([start, end]) => ({
          ...this.span(start, end, place),
          ...this.breakdown(query.get('breakdown'), daysBetween(start, end)),
        }));
      case '/analytics/rolling-active-users': {
        const window = Number(query.get('window'));
        return days.map((day) =>
          this.fault === 'keeps the last window of days as it was'
            ? { ...this.model.rolling(day, window, place), activeCount: 0 }
            : this.model.rolling(day, window, place),
        );
      }
      case '/analytics/lifecycle':
        return days.map((day) => {
          const figures = this.model.lifecycle(day);
          return this.fault === 'counts all who return as resurrected'
            ? { ...figures, resurrectedCount: figures.returningCount }
            : figures;
        });
      default:
        return days.map((day) => this.retention(day, query, last));
    }
  }

  private span(start: string, end: string, place: ModelPlace | null): object {
    const figures = this.model.span(start, end, place);
    if (this.fault === 'adds up the days of a span')
      return {
        ...figures,
        activeCount: daysBetween(start, end).reduce(
          (sum, day) => sum + this.model.active([day], place).size,
          0,
        ),
      };
    if (this.fault === 'counts everybody of a span as new')
      return { ...figures, newCount: figures.activeCount };
    return figures;
  }

  private breakdown(level: string | null, days: readonly string[]): object {
    if (level !== 'province' && level !== 'city') return {};
    return { [level === 'province' ? 'byProvince' : 'byCity']: this.model.countByPlace(level, days) };
  }

  private retention(day: string, query: URLSearchParams, lastDay: string): object {
    const after = (query.get('after') ?? '').split(',').map(Number);
    const cohort = query.get('cohort') === 'new' ? 'new' : 'active';
    const figures = this.model.retention(day, cohort, after, lastDay);
    if (this.fault !== 'retains nobody') return figures;
    return { ...figures, retained: figures.retained.map((cell) => ({ ...cell, count: 0 })) };
  }

  private placeOf(query: URLSearchParams): ModelPlace | null {
    for (const level of ['province', 'city'] as const) {
      const name = query.get(level);
      if (name !== null && this.fault !== `ignores a filter by ${level}`) return { level, name };
    }
    return null;
  }
}
