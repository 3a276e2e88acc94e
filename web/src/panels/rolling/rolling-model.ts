import type { RollingActiveUsers } from '../../api/types.js';

type RollingDay = RollingActiveUsers['data'][number];

/** One day of both windows. */
export interface BothWindows {
  readonly day: string;
  /** Null for a day that only one of the two answers has, as shortly after midnight. */
  readonly week: number | null;
  readonly month: number | null;
  readonly dauCount: number;
  readonly stickiness: number | null;
  readonly isFinal: boolean;
}

/** Joins the answers for 7 and for 30 days by their day, ascending. */
export function joinWindows(week: readonly RollingDay[], month: readonly RollingDay[]): BothWindows[] {
  const [ofWeek, ofMonth] = [byDay(week), byDay(month)];
  const days = [...new Set([...ofWeek.keys(), ...ofMonth.keys()])].sort();
  return days.map((day) => {
    const [seven, thirty] = [ofWeek.get(day), ofMonth.get(day)];
    return {
      day,
      week: seven?.activeCount ?? null,
      month: thirty?.activeCount ?? null,
      dauCount: (thirty ?? seven)?.dauCount ?? 0,
      stickiness: thirty?.stickiness ?? null,
      isFinal: seven?.isFinal !== false && thirty?.isFinal !== false,
    };
  });
}

/** Returns the newest day before today: the stickiness of a day that has just begun says nothing. */
export function lastFullDay(days: readonly BothWindows[], today: string): BothWindows | undefined {
  return days.filter(({ day }) => day < today).at(-1);
}

function byDay(data: readonly RollingDay[]): Map<string, RollingDay> {
  return new Map(data.map((one) => [one.day, one]));
}
