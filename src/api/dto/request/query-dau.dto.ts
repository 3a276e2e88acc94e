import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsOptional } from 'class-validator';
import type { DauStatsOptions } from '../../../application/queries/get-dau-stats/get-dau-stats.query.js';
import { IsInstant, IsSwitch } from '../../validators/field-rules.js';
import { PlaceDaysDto } from './place-days.dto.js';

export class QueryDauDto extends PlaceDaysDto {
  @ApiPropertyOptional({
    description: 'Answers 0 for a day without actives, up to today · 无活跃之日补 0，至今日止',
    type: Boolean,
    default: false,
  })
  @IsOptional()
  @IsSwitch()
  zeroDays?: string;
}

export class QueryInternalDauDto extends QueryDauDto {
  @ApiPropertyOptional({
    description:
      'Leaves the days that were calculated later than this instant, such as 2025-01-15T01:00:00Z · 只返回此时刻之后计算过的日期',
    format: 'date-time',
  })
  @IsOptional()
  @IsInstant('2025-01-15T01:00:00Z')
  changedSince?: string;
}

export function toDauOptions({
  zeroDays,
  province,
  city,
  changedSince,
}: QueryDauDto & { readonly changedSince?: string }): DauStatsOptions {
  return {
    zeroDays: zeroDays === 'true',
    province,
    city,
    changedSince: changedSince === undefined ? undefined : new Date(changedSince),
  };
}
