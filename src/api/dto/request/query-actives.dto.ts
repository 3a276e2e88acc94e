import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsOptional } from 'class-validator';
import {
  ACTIVE_INTERVALS,
  COHORTS,
  MAX_WINDOW,
  PLACE_LEVELS,
  STICKINESS_WINDOW,
  type ActiveInterval,
  type Cohort,
  type PlaceLevel,
} from '../../../shared/rules/active-interval.rule.js';
import { IsCounts, IsOneOf, IsWholeNumber } from '../../validators/field-rules.js';
import { DayRangeDto } from './day-range.dto.js';
import { PlaceDaysDto } from './place-days.dto.js';

/** Most values of `after` in one request. */
const MAX_AFTER = 31;
const DEFAULT_AFTER = '1,2,3,7,14,30';

export class QueryActiveUsersDto extends PlaceDaysDto {
  @ApiProperty({
    description:
      'Whole days, weeks (from Monday) or months that the range touches, or the range as one span · 按日、周（周一起）、月，或整段',
    enum: ACTIVE_INTERVALS,
    example: 'week',
  })
  @IsOneOf(ACTIVE_INTERVALS, 'week')
  interval!: ActiveInterval;

  @ApiPropertyOptional({
    description:
      'Adds the counts of each place; with `interval=span` only · 按地区细分，仅限 `interval=span`',
    enum: PLACE_LEVELS,
  })
  @IsOptional()
  @IsOneOf(PLACE_LEVELS, 'province')
  breakdown?: PlaceLevel;
}

export class QueryRollingActiveUsersDto extends PlaceDaysDto {
  @ApiPropertyOptional({
    description: `Days of the window that ends on each day, 1 to ${MAX_WINDOW} · 窗口天数`,
    type: 'integer',
    minimum: 1,
    maximum: MAX_WINDOW,
    default: STICKINESS_WINDOW,
  })
  @IsOptional()
  @IsWholeNumber({ max: MAX_WINDOW, example: STICKINESS_WINDOW })
  window = String(STICKINESS_WINDOW);
}

export class QueryLifecycleDto extends DayRangeDto {}

export class QueryRetentionDto extends DayRangeDto {
  @ApiProperty({
    description: 'Those new on the day, or all active on it · 当日新增，或当日全部活跃',
    enum: COHORTS,
    example: 'new',
  })
  @IsOneOf(COHORTS, 'new')
  cohort!: Cohort;

  @ApiPropertyOptional({
    type: 'string',
    description: `Days after the day, 1 to ${MAX_WINDOW} each, at most ${MAX_AFTER}, with commas · 之后第几天，以逗号分隔`,
    pattern: '^[1-9][0-9]{0,2}(,[1-9][0-9]{0,2}){0,30}$',
    default: DEFAULT_AFTER,
  })
  @IsOptional()
  @IsCounts({ max: MAX_WINDOW, maxValues: MAX_AFTER, example: DEFAULT_AFTER })
  after = DEFAULT_AFTER;
}

/** Returns the checked numbers of a list, ascending and without repeats. */
export function toCounts(list: string): number[] {
  return [...new Set(list.split(',').map(Number))].sort((a, b) => a - b);
}
