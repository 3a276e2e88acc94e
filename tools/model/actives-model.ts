/** A place that a session was seen in, or anywhere. */
export interface ModelPlace {
  readonly level: 'province' | 'city';
  readonly name: string;
}

export interface ModelSession {
  readonly day: string;
  readonly identity: string;
  readonly province?: string;
  readonly city?: string;
}

const DAY_MS = 86_400_000;

export function addDays(day: string, amount: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + amount * DAY_MS).toISOString().slice(0, 10);
}

export function daysBetween(first: string, last: string): string[] {
  const days: string[] = [];
  for (let day = first; day <= last; day = addDays(day, 1)) days.push(day);
  return days;
}

/** The figures over spans of days by plain sets of identities, written apart from the service. */
export class ActivesModel {
  private readonly sessions: ModelSession[] = [];
  /** Counts erasures by identity: afterwards it is a stranger, and its former days stay in the figures. */
  private readonly erasures = new Map<string, number>();

  add(session: ModelSession): void {
    this.sessions.push({ ...session, identity: this.nameOf(session.identity) });
  }

  erase(identity: string): void {
    this.erasures.set(identity, (this.erasures.get(identity) ?? 0) + 1);
  }

  days(): string[] {
    return [...new Set(this.sessions.map(({ day }) => day))].sort();
  }

  places(level: ModelPlace['level'], days: readonly string[]): string[] {
    const seen = this.sessions.filter(({ day }) => days.includes(day)).map((session) => session[level] ?? '');
    return [...new Set(seen)].filter((name) => name !== '').sort();
  }

  active(days: readonly string[], place: ModelPlace | null = null): Set<string> {
    const found = this.sessions.filter(
      (session) => days.includes(session.day) && (place === null || session[place.level] === place.name),
    );
    return new Set(found.map(({ identity }) => identity));
  }

  newOn(days: readonly string[]): Set<string> {
    const firstDays = new Map<string, string>();
    for (const { identity, day } of this.sessions) {
      const first = firstDays.get(identity);
      if (first === undefined || day < first) firstDays.set(identity, day);
    }
    return new Set([...firstDays].filter(([, day]) => days.includes(day)).map(([identity]) => identity));
  }

  countByPlace(level: ModelPlace['level'], days: readonly string[]): Record<string, number> {
    const names = this.places(level, days);
    return Object.fromEntries(names.map((name) => [name, this.active(days, { level, name }).size]));
  }

  span(first: string, last: string, place: ModelPlace | null = null) {
    const days = daysBetween(first, last);
    const active = this.active(days, place);
    const newCount = countCommon(active, this.newOn(days));
    return {
      ...{ startDate: first, endDate: last, activeCount: active.size, newCount },
      returningCount: active.size - newCount,
    };
  }

  rolling(day: string, window: number, place: ModelPlace | null = null) {
    return {
      day,
      activeCount: this.active(daysBetween(addDays(day, 1 - window), day), place).size,
      dauCount: this.active([day], place).size,
    };
  }

  lifecycle(day: string) {
    const [today, before, fresh] = [this.active([day]), this.active([addDays(day, -1)]), this.newOn([day])];
    const returning = [...today].filter((identity) => !fresh.has(identity));
    return {
      ...{ day, dauCount: today.size, newCount: fresh.size, returningCount: returning.length },
      resurrectedCount: returning.filter((identity) => !before.has(identity)).length,
      dormantCount: [...before].filter((identity) => !today.has(identity)).length,
    };
  }

  retention(day: string, cohort: 'new' | 'active', after: readonly number[], lastOver: string) {
    const members = cohort === 'new' ? this.newOn([day]) : this.active([day]);
    return {
      ...{ day, cohortSize: members.size },
      retained: after
        .filter((days) => addDays(day, days) <= lastOver)
        .map((days) => ({ after: days, count: countCommon(members, this.active([addDays(day, days)])) })),
    };
  }

  private nameOf(identity: string): string {
    return `${identity}#${this.erasures.get(identity) ?? 0}`;
  }
}

function countCommon(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  return [...a].filter((each) => b.has(each)).length;
}
