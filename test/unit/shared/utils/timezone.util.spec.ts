import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import {
  addDaysToKey,
  countDays,
  dayRange,
  formatToDateKey,
  hourOfDay,
  isDateKey,
  listDays,
  minuteOf,
  startOfDayInTimezone,
} from '../../../../src/shared/utils/timezone.util.js';

const HOOKS = join(import.meta.dirname, '../../../../tools/typescript');

describe('formatToDateKey', () => {
  it.each([
    ['2025-01-15T00:00:00.000+08:00', '2025-01-15'],
    ['2025-01-15T12:00:00.000+08:00', '2025-01-15'],
    ['2025-01-15T23:59:59.999+08:00', '2025-01-15'],
    ['2025-01-16T00:00:00.000+08:00', '2025-01-16'],
  ])('puts %s on %s', (instant, day) => {
    expect(formatToDateKey(new Date(instant))).toBe(day);
  });

  it('trap 1: returns the day of Shanghai at 17:00 UTC', () => {
    expect(formatToDateKey(new Date('2025-01-14T17:00:00Z'))).toBe('2025-01-15');
  });

  it.each([
    ['2024-02-29T00:00:00+08:00', '2024-02-29'],
    ['2024-02-29T23:59:59.999+08:00', '2024-02-29'],
    ['2025-02-28T23:59:59.999+08:00', '2025-02-28'],
    ['2025-03-01T00:00:00+08:00', '2025-03-01'],
    ['2024-12-31T23:59:59.999+08:00', '2024-12-31'],
    ['2024-12-31T16:00:00Z', '2025-01-01'],
  ])('puts %s on %s at the ends of months and years', (instant, day) => {
    expect(formatToDateKey(new Date(instant))).toBe(day);
  });

  it('respects the former summer time of Shanghai', () => {
    expect(formatToDateKey(new Date('1990-07-01T15:00:00Z'))).toBe('1990-07-02');
    expect(formatToDateKey(new Date('1990-12-01T15:00:00Z'))).toBe('1990-12-01');
  });

  it('caches many days without confusing them', () => {
    const start = startOfDayInTimezone('2025-01-01').getTime();
    for (let quarter = 0; quarter < 5_000; quarter++) {
      const instant = new Date(start + quarter * 15 * 60_000);
      expect(formatToDateKey(instant)).toBe(addDaysToKey('2025-01-01', Math.floor(quarter / 96)));
    }
  });

  it('rejects an invalid Date', () => {
    expect(() => formatToDateKey(new Date(NaN))).toThrow(RangeError);
  });
});

describe('dayRange', () => {
  it('is half-open and ends where the next day begins', () => {
    expect(dayRange('2025-01-15')).toEqual({
      start: new Date('2025-01-14T16:00:00.000Z'),
      end: new Date('2025-01-15T16:00:00.000Z'),
    });
  });

  it('trap 1: contains the last millisecond of the day', () => {
    const last = new Date('2025-01-15T23:59:59.999+08:00');
    const { start, end } = dayRange('2025-01-15');
    expect(start <= last && last < end).toBe(true);
  });

  it.each(['2024-02-28', '2024-02-29', '2025-02-28', '2024-12-31', '2025-03-08', '2025-03-09', '2025-11-02'])(
    'is, for %s, 24 hours long with instants of that day',
    (day) => {
      const { start, end } = dayRange(day);
      expect(end.getTime() - start.getTime()).toBe(24 * 60 * 60 * 1000);
      expect([start, new Date(end.getTime() - 1)].map(formatToDateKey)).toEqual([day, day]);
      expect(formatToDateKey(end)).toBe(addDaysToKey(day, 1));
    },
  );

  it('is an hour shorter or longer where Shanghai changed its clocks', () => {
    const hours = (day: string): number => {
      const { start, end } = dayRange(day);
      return (end.getTime() - start.getTime()) / 3_600_000;
    };
    expect([hours('1990-04-15'), hours('1990-09-16')]).toEqual([23, 25]);
  });
});

describe('addDaysToKey', () => {
  it.each([
    ['9999-12-31', 1],
    ['9999-01-01', 366],
    ['0001-01-01', -1],
  ])('has no key for %s and %i days', (day, amount) => {
    expect(() => addDaysToKey(day, amount)).toThrow(RangeError);
  });
});

describe('isDateKey', () => {
  it.each(['2025-01-15', '2024-02-29', '2000-02-29', '2025-12-31', '1970-01-01', '0001-01-01', '9999-12-31'])(
    'accepts %s',
    (day) => {
      expect(isDateKey(day)).toBe(true);
    },
  );

  it.each(['2025-02-29', '1900-02-29', '2025-02-30', '2025-04-31', '2025-13-01', '2025-00-01', '2025-01-00'])(
    'rejects %s, which does not exist',
    (day) => {
      expect(isDateKey(day)).toBe(false);
    },
  );

  it.each([
    '2025-1-15',
    '25-01-15',
    '2025-01-15T00:00:00Z',
    ' 2025-01-15',
    '2025-01-15\n',
    '20250115',
    '',
    'today',
  ])('rejects %j, which is not a day in this format', (text) => {
    expect(isDateKey(text)).toBe(false);
  });

  it('rejects the year 0, which PostgreSQL lacks', () => {
    expect(isDateKey('0000-01-01')).toBe(false);
  });
});

describe('hourOfDay', () => {
  it.each([
    ['2025-01-15', 1, '2025-01-15T01:00:00+08:00'],
    ['2025-01-15', 0, '2025-01-15T00:00:00+08:00'],
    ['2024-02-29', 23, '2024-02-29T23:00:00+08:00'],
    ['2025-11-02', 1, '2025-11-02T01:00:00+08:00'],
  ])('returns for %s at %i the instant %s', (day, hour, instant) => {
    expect(hourOfDay(day, hour)).toEqual(new Date(instant));
  });
});

describe('minuteOf', () => {
  it.each([
    ['2025-01-15T10:00:00.000Z', 0, '2025-01-15T10:00:00Z'],
    ['2025-01-15T10:00:59.999Z', 0, '2025-01-15T10:00:00Z'],
    ['2025-01-15T09:59:59.500Z', 500, '2025-01-15T10:00:00Z'],
    ['2025-01-15T09:59:59.499Z', 500, '2025-01-15T09:59:00Z'],
  ])('assigns %s, up to %i ms early, to %s', (instant, toleranceMs, minute) => {
    expect(minuteOf(new Date(instant), toleranceMs)).toEqual(new Date(minute));
  });

  it('trap 14: distinguishes the two hours that New York’s clocks repeat', () => {
    for (const minute of ['2025-11-02T05:30:00Z', '2025-11-02T06:30:00Z']) {
      expect(minuteOf(new Date(Date.parse(minute) + 12_345), 500)).toEqual(new Date(minute));
    }
  });
});

describe('calendar arithmetic', () => {
  it.each([
    ['2025-01-15', 0, '2025-01-15'],
    ['2024-12-31', 1, '2025-01-01'],
    ['2025-01-01', -1, '2024-12-31'],
    ['2024-02-28', 1, '2024-02-29'],
    ['2025-02-28', 1, '2025-03-01'],
    ['2024-02-29', 366, '2025-03-01'],
    ['2025-01-15', -8000, '2003-02-20'],
  ])('computes %s plus %i days as %s', (day, amount, expected) => {
    expect(addDaysToKey(day, amount)).toBe(expected);
  });

  it.each([
    ['2025-01-15', '2025-01-15', 1],
    ['2025-01-15', '2025-01-14', 0],
    ['2025-01-15', '2025-01-01', -13],
    ['2025-01-01', '2025-12-31', 365],
    ['2024-01-01', '2024-12-31', 366],
    ['2025-03-08', '2025-03-10', 3],
    ['2025-11-01', '2025-11-03', 3],
  ])('counts the days from %s to %s as %i', (first, last, days) => {
    expect(countDays(first, last)).toBe(days);
  });

  it('lists days in order with both ends', () => {
    expect(listDays('2024-02-27', '2024-03-01')).toEqual([
      '2024-02-27',
      '2024-02-28',
      '2024-02-29',
      '2024-03-01',
    ]);
    expect(listDays('2025-01-15', '2025-01-15')).toEqual(['2025-01-15']);
    expect(listDays('2025-01-15', '2025-01-14')).toEqual([]);
  });

  it('ends at the last day that has a key', () => {
    expect(listDays('9999-12-30', '9999-12-31')).toEqual(['9999-12-30', '9999-12-31']);
  });

  it('lists as many days as it counts across changes to summer time', () => {
    const days = listDays('2024-10-01', '2025-12-31');
    expect(days).toHaveLength(countDays('2024-10-01', '2025-12-31'));
    expect(new Set(days).size).toBe(days.length);
  });
});

describe('trap 14: in a process whose zone', () => {
  it.each([
    ['changes its clocks at night', 'America/New_York', [300, 240]],
    ['used to change them at midnight, which then did not exist', 'America/Sao_Paulo', [180, 180]],
    ['has skipped a whole day', 'Pacific/Apia', [-780, -780]],
  ])('is %s, every day is right (%s)', async (_, zone, offsets) => {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--import', join(HOOKS, 'register-ts.mjs'), join(import.meta.dirname, 'calendar-probe.ts')],
      { env: { ...process.env, TZ: zone, NODE_OPTIONS: '' } },
    );
    expect(JSON.parse(stdout)).toEqual({ offsets, wrong: [] });
  });
});
