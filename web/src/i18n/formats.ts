import { LANGUAGE_TAGS, type Language } from './language.js';

/** The service counts by days of this zone, wherever its reader is. */
const TIME_ZONE = 'Asia/Shanghai';

export interface Formats {
  /** `1,234` */
  readonly count: (value: number) => string;
  /** `66.9`, `1,234.5` */
  readonly decimal: (value: number) => string;
  /** `1.25K`, `1.25万`: for axes and little room. */
  readonly compact: (value: number) => string;
  /** `12.3 %`, of a part from 0 to 1. */
  readonly percent: (part: number) => string;
  /** `+4.2 %`, of a change from −1 on. */
  readonly change: (part: number) => string;
  /** `27 Nov`, of `YYYY-MM-DD`. */
  readonly day: (day: string) => string;
  /** `Fri, 27 Nov 2026`, of `YYYY-MM-DD`. */
  readonly longDay: (day: string) => string;
  /** `18:05`, of an instant in Unix milliseconds, as are the following. */
  readonly time: (unixMs: number) => string;
  /** `18:05:09` */
  readonly preciseTime: (unixMs: number) => string;
  /** `27 Nov, 18:05` */
  readonly dateTime: (unixMs: number) => string;
  /** `12 s`, `3 min`, `2 h`, `5 d` */
  readonly duration: (seconds: number) => string;
}

const known = new Map<Language, Formats>();

/** Returns the formats of a language; making one is slow, so each is made once. */
export function formatsOf(language: Language): Formats {
  let formats = known.get(language);
  if (formats === undefined) {
    formats = createFormats(LANGUAGE_TAGS[language]);
    known.set(language, formats);
  }
  return formats;
}

function createFormats(tag: string): Formats {
  const number = (options: Intl.NumberFormatOptions) => {
    const format = new Intl.NumberFormat(tag, options);
    return (value: number): string => format.format(value);
  };
  const date = (options: Intl.DateTimeFormatOptions) => {
    const format = new Intl.DateTimeFormat(tag, { timeZone: TIME_ZONE, hourCycle: 'h23', ...options });
    return (unixMs: number): string => format.format(unixMs);
  };
  const unit = (name: string) => number({ style: 'unit', unit: name, unitDisplay: 'short' });
  const [second, minute, hour, days] = [unit('second'), unit('minute'), unit('hour'), unit('day')];
  const day = date({ day: 'numeric', month: 'short' });
  const longDay = date({ weekday: 'short', day: 'numeric', month: 'short', year: 'numeric' });
  return {
    count: number({ maximumFractionDigits: 0 }),
    decimal: number({ maximumFractionDigits: 1 }),
    compact: number({ notation: 'compact', maximumFractionDigits: 2 }),
    percent: number({ style: 'percent', minimumFractionDigits: 1, maximumFractionDigits: 1 }),
    change: number({ style: 'percent', maximumFractionDigits: 1, signDisplay: 'exceptZero' }),
    day: (text) => day(noonOf(text)),
    longDay: (text) => longDay(noonOf(text)),
    time: date({ hour: '2-digit', minute: '2-digit' }),
    preciseTime: date({ hour: '2-digit', minute: '2-digit', second: '2-digit' }),
    dateTime: date({ day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' }),
    duration: (seconds) => {
      if (seconds < 60) return second(Math.floor(seconds));
      if (seconds < 3600) return minute(Math.floor(seconds / 60));
      return seconds < 86_400 ? hour(Math.floor(seconds / 3600)) : days(Math.floor(seconds / 86_400));
    },
  };
}

function noonOf(day: string): number {
  return Date.parse(`${day}T12:00:00+08:00`);
}
