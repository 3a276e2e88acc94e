const FIRST_IDS = 4096;
const NEVER = -1;

/** Counts the distinct ids of a window of days that moves over the days of one bucket. */
export class RollingWindow {
  /** The last day on which each id was seen. */
  private lastDays = new Int16Array(FIRST_IDS).fill(NEVER);
  /** For each day, the ids that were seen on it last. */
  private readonly lastSeenOn: number[];

  constructor(days: number) {
    this.lastSeenOn = new Array<number>(days).fill(0);
  }

  /** @param day index from 0; days arrive in ascending order */
  add(id: number, day: number): void {
    if (id >= this.lastDays.length) this.grow(id);
    const last = this.lastDays[id] as number;
    if (last !== NEVER) this.lastSeenOn[last] = (this.lastSeenOn[last] as number) - 1;
    this.lastDays[id] = day;
    this.lastSeenOn[day] = (this.lastSeenOn[day] as number) + 1;
  }

  /** Counts the ids seen on one of the `window` days that end on `day`, the last day that was added. */
  count(day: number, window: number): number {
    let count = 0;
    for (let each = Math.max(0, day - window + 1); each <= day; each++)
      count += this.lastSeenOn[each] as number;
    return count;
  }

  private grow(id: number): void {
    const lastDays = new Int16Array(Math.max(id + 1, 2 * this.lastDays.length)).fill(NEVER);
    lastDays.set(this.lastDays);
    this.lastDays = lastDays;
  }
}
