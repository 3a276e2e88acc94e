import type { ActivesModel, ModelPlace } from '../../model/actives-model.js';
import type { FigureRow } from '../delivery/figure-rows.js';

/** A request of one route over the days of a run, and what the model says of each row of its answer. */
export interface SpanQuestion {
  readonly route: string;
  /** Path and parameters without the days. */
  readonly path: string;
  readonly expect: (model: ActivesModel, row: FigureRow) => object;
}

/** The most populous province and city of the crowd. */
const PLACES: readonly (ModelPlace | null)[] = [
  null,
  { level: 'province', name: '广东省' },
  { level: 'city', name: '广州市' },
];
const WINDOWS = [7, 30];
const AFTER = [1, 2, 3, 6];
/** Days that are not over have no cell in the answer, so none is left out here. */
const LAST_DAY = '9999-12-31';

export const SPAN_QUESTIONS: readonly SpanQuestion[] = [
  ...PLACES.flatMap((place) => [
    ...['day', 'week', 'month', 'span'].map((interval) => ({
      route: 'active users of spans',
      path: `/analytics/active-users?interval=${interval}${filterBy(place)}`,
      expect: (model: ActivesModel, { first, last }: FigureRow) => model.span(first, last, place),
    })),
    ...WINDOWS.map((window) => ({
      route: 'rolling active users',
      path: `/analytics/rolling-active-users?window=${String(window)}${filterBy(place)}`,
      expect: (model: ActivesModel, { first }: FigureRow) => model.rolling(first, window, place),
    })),
  ]),
  ...(['province', 'city'] as const).map((level) => ({
    route: 'active users of spans',
    path: `/analytics/active-users?interval=span&breakdown=${level}`,
    expect: (model: ActivesModel, { first, last, days }: FigureRow) => ({
      ...model.span(first, last),
      [level === 'province' ? 'byProvince' : 'byCity']: model.countByPlace(level, days),
    }),
  })),
  {
    route: 'lifecycle',
    path: '/analytics/lifecycle?',
    expect: (model, { first }) => model.lifecycle(first),
  },
  ...(['new', 'active'] as const).map((cohort) => ({
    route: 'retention',
    path: `/analytics/retention?cohort=${cohort}&after=${AFTER.join()}`,
    expect: (model: ActivesModel, { first }: FigureRow) => model.retention(first, cohort, AFTER, LAST_DAY),
  })),
];

function filterBy(place: ModelPlace | null): string {
  return place === null ? '' : `&${place.level}=${encodeURIComponent(place.name)}`;
}
