import { describe, expect, it } from '@jest/globals';
import { IsOptional, Length } from 'class-validator';
import { HeartbeatDto } from '../../../../src/api/dto/request/heartbeat.dto.js';
import { QueryDauDto } from '../../../../src/api/dto/request/query-dau.dto.js';
import { QueryOnlineHistoryDto } from '../../../../src/api/dto/request/query-online-history.dto.js';
import { DtoValidationPipe } from '../../../../src/api/validators/dto-validation.pipe.js';
import { IsText, IsUnixSeconds } from '../../../../src/api/validators/field-rules.js';
import { INSTALL } from '../../../support/builders.js';
import { applicationError } from '../../expectations.js';

const INVALID = applicationError('request_invalid');
const HEARTBEAT = { installId: INSTALL, appVersion: '2.4.0', clientTs: 1736874000.5 };
const HISTORY = { startTime: '2025-01-15T00:00:00+08:00', endTime: '2025-01-16T00:00:00Z' };

function check(metatype: new () => unknown, value: unknown): unknown {
  return new DtoValidationPipe().transform(value, { metatype, type: 'body' });
}

describe('DtoValidationPipe', () => {
  it('makes an object of the class', () => {
    const dto = check(HeartbeatDto, HEARTBEAT);
    expect(dto).toBeInstanceOf(HeartbeatDto);
    expect(dto).toEqual(HEARTBEAT);
  });

  it('judges by every rule of a field, its base class and its own conditions', () => {
    class Base {
      @IsUnixSeconds()
      at!: number;
    }
    class Whole extends Base {
      @IsText({ maxLength: 4, example: 'abc' })
      @Length(3, 9)
      name!: string;

      @IsOptional()
      @IsText({ maxLength: 4, example: 'abc' })
      note?: string;
    }
    expect(check(Whole, { at: 1, name: 'abc' })).toEqual({ at: 1, name: 'abc' });
    expect(check(Base, { at: 1 })).toEqual({ at: 1 });
    expect(() => check(Base, { at: -1 })).toThrow(INVALID);
    const bad = [
      { at: -1, name: 'abc' },
      { at: 1, name: 'abcde' },
      { at: 1, name: 'ab' },
      { at: 1, name: 'abc', note: 5 },
    ];
    for (const value of bad) expect(() => check(Whole, value)).toThrow(INVALID);
  });

  it('leaves out what the class does not declare: clients may be newer than we are', () => {
    expect(check(HeartbeatDto, { ...HEARTBEAT, battery: 0.5 })).toEqual(HEARTBEAT);
  });

  it('tells every wrong field, one reason each', () => {
    expect(() => check(HeartbeatDto, { installId: 5, clientTs: 'now', appVersion: '2.4.0' })).toThrow(
      expect.objectContaining({
        code: 'request_invalid',
        errors: [
          expect.objectContaining({ field: 'installId' }),
          expect.objectContaining({ field: 'clientTs' }),
        ],
      }),
    );
  });

  it.each([undefined, null, 'text', 5, [], [HEARTBEAT]])('refuses %j, which is no object', (value) => {
    expect(() => check(HeartbeatDto, value)).toThrow(INVALID);
  });

  it('is not fooled by a key named __proto__', () => {
    const value = JSON.parse(`{"__proto__":${JSON.stringify(HEARTBEAT)}}`) as unknown;
    expect(() => check(HeartbeatDto, value)).toThrow(INVALID);
  });

  it.each([null, 'x', { name: 'x' }])(
    'is not fooled by a key named constructor that is %j',
    (constructor) => {
      expect(check(HeartbeatDto, { ...HEARTBEAT, constructor })).toEqual(HEARTBEAT);
    },
  );

  it('does not descend into what a client nests', () => {
    let nested: unknown = {};
    for (let level = 0; level < 100_000; level++) nested = [nested];
    expect(check(HeartbeatDto, { ...HEARTBEAT, nested })).toEqual(HEARTBEAT);
  });

  it('lets a value pass that has no class to be checked by', () => {
    expect(check(Object, 'text')).toBe('text');
    expect(new DtoValidationPipe().transform(5, { type: 'body' })).toBe(5);
    expect(new DtoValidationPipe().transform(5, { type: 'custom', metatype: HeartbeatDto })).toBe(5);
  });
});

describe('QueryDauDto', () => {
  it('trap 13: takes days as they are written, without parsing them', () => {
    const query = { startDate: '2025-01-01', endDate: '2025-01-15' };
    expect(check(QueryDauDto, query)).toEqual(query);
  });

  it.each(['2025-1-1', '2025-01-01T00:00:00Z', '', undefined, ['2025-01-01', '2025-01-02']])(
    'refuses %j',
    (startDate) => {
      expect(() => check(QueryDauDto, { startDate, endDate: '2025-01-15' })).toThrow(INVALID);
    },
  );
});

describe('QueryOnlineHistoryDto', () => {
  it('has an interval of five minutes unless told otherwise', () => {
    expect(check(QueryOnlineHistoryDto, HISTORY)).toEqual({ ...HISTORY, interval: '5m' });
  });

  it.each(['2025-01-15', '2025-01-15T00:00:00', '2025-02-30T00:00:00Z', '1736874000', 'yesterday'])(
    'trap 14: refuses a time of %j: an instant names its zone, and exists',
    (startTime) => {
      expect(() => check(QueryOnlineHistoryDto, { ...HISTORY, startTime })).toThrow(INVALID);
    },
  );

  it('refuses an interval that is not offered', () => {
    expect(() => check(QueryOnlineHistoryDto, { ...HISTORY, interval: '2m' })).toThrow(INVALID);
  });
});
