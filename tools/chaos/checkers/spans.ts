import { isDeepStrictEqual } from 'node:util';
import { ActivesModel, addDays, daysBetween } from '../../model/actives-model.js';
import { shanghaiDay } from '../../simulation/bookkeeping/shanghai-day.js';
import { SESSION_START } from '../../simulation/planning/device-plan.js';
import { identityOf } from '../../simulation/planning/identity.js';
import type { Check } from '../../simulation/verification/check.js';
import type { History, StoredEvent } from '../history/history.js';
import { checkOf } from './findings.js';

/** Figures over several days equal those of plain sets over the stored events. */
export function checkSpans({ final }: History): Check[] {
  const { spans, rolling, lifecycle, retention } = final.spans;
  const model = modelOf(final.stored);
  const modelDays = model.days();
  const [first = final.live.day, last = first] = [modelDays[0], modelDays.at(-1)];
  const days = daysBetween(first, last);
  const detail = `${String(days.length)} days`;
  const after = [...new Set(retention.flatMap(({ data }) => data.flatMap(({ retained }) => retained)))];
  const offsets = [...new Set(after.map((each) => each.after))].sort((left, right) => left - right);
  const lastOver = addDays(final.live.day, -1);
  return [
    checkOf(
      'figures over spans equal the model',
      [
        ...(covers(spans[0], first, last) ? [] : [`the span ${first} to ${last} is missing`]),
        ...spans.flatMap((span) => compare(span, model.span(span.startDate, span.endDate))),
        ...missingDays('rolling', days, rolling.data),
        ...rolling.data.flatMap((figure) => compare(figure, model.rolling(figure.day, rolling.window))),
      ],
      detail,
    ),
    checkOf(
      'new, returning and dormant users equal the model',
      [
        ...missingDays('lifecycle', days, lifecycle),
        ...lifecycle.flatMap((figure) => compare(figure, model.lifecycle(figure.day))),
      ],
      detail,
    ),
    checkOf(
      'retention equals the model',
      retention.flatMap(({ cohort, data }) => [
        ...missingDays(`retention of ${cohort}`, days, data),
        ...data.flatMap((figure) =>
          compare(figure, model.retention(figure.day, cohort, offsets, lastOver), cohort),
        ),
      ]),
      detail,
    ),
  ];
}

function modelOf(stored: readonly StoredEvent[]): ActivesModel {
  const model = new ActivesModel();
  const seen = new Set<string>();
  for (const { eventName, eventMs, userId, installId } of stored) {
    if (eventName !== SESSION_START) continue;
    const session = { day: shanghaiDay(eventMs), identity: identityOf(userId ?? undefined, installId) };
    const key = `${session.day} ${session.identity}`;
    // The model searches all of its sessions for each figure.
    if (!seen.has(key)) model.add(session);
    seen.add(key);
  }
  return model;
}

function covers(
  span: { readonly startDate: string; readonly endDate: string } | undefined,
  first: string,
  last: string,
): boolean {
  return span !== undefined && span.startDate <= first && last <= span.endDate;
}

function missingDays(
  name: string,
  days: readonly string[],
  data: readonly { readonly day: string }[],
): string[] {
  const shown = new Set(data.map(({ day }) => day));
  return days.filter((day) => !shown.has(day)).map((day) => `${name} of ${day} is missing`);
}

/** Compares the fields that the model has. */
function compare(figure: object, expected: object, label = ''): string[] {
  const shown = figure as Readonly<Record<string, unknown>>;
  return Object.entries(expected).flatMap(([name, value]) => {
    const actual = name === 'retained' ? withoutRates(shown[name]) : shown[name];
    if (isDeepStrictEqual(actual, value)) return [];
    const { day, startDate, endDate } = figure as Partial<Record<'day' | 'startDate' | 'endDate', string>>;
    const days = day ?? `${String(startDate)} to ${String(endDate)}`;
    const words = `${JSON.stringify(actual)} instead of ${JSON.stringify(value)}`;
    return [`${days}${label === '' ? '' : ` ${label}`} ${name}: ${words}`];
  });
}

function withoutRates(retained: unknown): unknown {
  const list = (retained ?? []) as readonly { readonly after: number; readonly count: number }[];
  return list.map(({ after, count }) => ({ after, count }));
}
