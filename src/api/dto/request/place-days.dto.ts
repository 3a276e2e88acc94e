import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsOptional } from 'class-validator';
import { IsText } from '../../validators/field-rules.js';
import { DayRangeDto } from './day-range.dto.js';

const MAX_PLACE_LENGTH = 128;

/** Query parameters of a route that can answer for one place: a province or a city, not both. */
export class PlaceDaysDto extends DayRangeDto {
  @ApiPropertyOptional({
    description:
      'Counts this province alone, such as 广东省, under any spelling of its name; not together with `city` · 只统计该省，不可与 `city` 同用',
    maxLength: MAX_PLACE_LENGTH,
  })
  @IsOptional()
  @IsText({ maxLength: MAX_PLACE_LENGTH, example: '广东省' })
  province?: string;

  @ApiPropertyOptional({
    description: 'Counts this city alone, such as 深圳市 · 只统计该市，如深圳市',
    maxLength: MAX_PLACE_LENGTH,
  })
  @IsOptional()
  @IsText({ maxLength: MAX_PLACE_LENGTH, example: '深圳市' })
  city?: string;
}
