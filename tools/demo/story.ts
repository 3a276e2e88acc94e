import { Random } from '../simulation/planning/random.js';

export const MINUTES_A_DAY = 1440;

/** Days since the first one on which something happened. */
const LAUNCH_DAY = 30;
const LAUNCH_DAYS = 14;
const DIP_DAY = 67;
/** Share of the usual activity on the days of the dip: an outage and the day after it. */
const DIP = [0.45, 0.8];
/** Minutes of the first day of the dip that nobody counted. */
const OUTAGE = { from: 14 * 60 + 5, to: 16 * 60 + 40 };
/** Sunday first. People use the app more at the weekend. */
const WEEKDAYS = [1.18, 0.94, 0.92, 0.95, 0.97, 1.06, 1.22];
/** Share of a day's active users who are online in an average minute. */
const AVERAGE_ONLINE = 0.1;

const bell = (distance: number, width: number): number => Math.exp(-((distance / width) ** 2) / 2);
/** The evening goes on behind midnight. */
const peak = (hour: number, at: number, width: number): number =>
  bell(hour - at, width) + bell(hour + 24 - at, width);
const shapeAt = (hour: number): number =>
  0.16 + 0.5 * peak(hour, 8.4, 1.1) + 0.8 * peak(hour, 12.6, 1.5) + 1.6 * peak(hour, 21, 2.3);
const SHAPE = Array.from({ length: MINUTES_A_DAY }, (_, minute) => shapeAt(minute / 60));
const MEAN = SHAPE.reduce((sum, value) => sum + value, 0) / MINUTES_A_DAY;
const HIGHEST = Math.max(...SHAPE);

/** Number of users who join on a day: most after the launch, few in an outage. @param weekday 0 is Sunday */
export function joinersOn(dayNumber: number, weekday: number): number {
  const sinceLaunch = dayNumber - LAUNCH_DAY;
  const drawn = sinceLaunch < 0 || sinceLaunch >= LAUNCH_DAYS ? 0 : 230 * Math.exp(-sinceLaunch / 4);
  const chance = Random.from('joiners', dayNumber).between(0.8, 1.2);
  return Math.round((27 + drawn) * activityOn(dayNumber, weekday) * chance);
}

/** Factor on everybody's habit. @param weekday 0 is Sunday */
export function activityOn(dayNumber: number, weekday: number): number {
  return (WEEKDAYS[weekday] ?? 1) * (DIP[dayNumber - DIP_DAY] ?? 1);
}

/** Chooses a minute of the day, by how many people are awake and free. */
export function chooseMinute(random: Random): number {
  for (;;) {
    const minute = random.integer(0, MINUTES_A_DAY - 1);
    if (random.chance((SHAPE[minute] ?? 0) / HIGHEST)) return minute;
  }
}

/** Returns the users online in a minute of a day with so many active users; null for a minute that nobody counted. */
export function onlineAt(dayNumber: number, minute: number, dau: number): number | null {
  if (dayNumber === DIP_DAY && minute >= OUTAGE.from && minute < OUTAGE.to) return null;
  const level = (dau * AVERAGE_ONLINE * (SHAPE[minute] ?? 0)) / MEAN;
  // Waves of some minutes, and the noise of each minute.
  const wave = 0.03 * Math.sin(minute / 11 + dayNumber) + 0.02 * Math.sin(minute / 3.7 + dayNumber * 2);
  const noise = Random.from('online', dayNumber, minute).between(-0.02, 0.02);
  return Math.max(0, Math.round(level * (1 + wave + noise)));
}
