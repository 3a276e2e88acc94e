import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsOptional } from 'class-validator';
import { EventProperties } from '../../../domain/value-objects/event-properties.vo.js';
import { IsDay, IsText } from '../../validators/field-rules.js';

/** A range of days; each route of figures adds its own parameters. */
export class QueryDaysDto {
  @ApiProperty({
    description: 'First day, Asia/Shanghai · 起始日（含）',
    example: '2025-01-01',
    format: 'date',
  })
  @IsDay('2025-01-01')
  startDate!: string;

  @ApiProperty({
    description: 'Last day, included; at most 366 days in all · 结束日（含），最多 366 天',
    example: '2025-01-15',
    format: 'date',
  })
  @IsDay('2025-01-15')
  endDate!: string;
}

/** A range of days and a place. */
export class QueryPlaceDaysDto extends QueryDaysDto {
  @ApiPropertyOptional({
    description: 'Counts those seen in the province; not beside `city` · 只计该省，不与 `city` 同用',
    example: '广东省',
  })
  @IsOptional()
  @IsText({ maxLength: EventProperties.MAX_PLACE_LENGTH, example: '广东省' })
  province?: string;

  @ApiPropertyOptional({
    description: 'Counts those seen in the city; not beside `province` · 只计该市，不与 `province` 同用',
    example: '深圳市',
  })
  @IsOptional()
  @IsText({ maxLength: EventProperties.MAX_PLACE_LENGTH, example: '深圳市' })
  city?: string;
}
