import { ApiProperty } from '@nestjs/swagger';
import { IsDay } from '../../validators/field-rules.js';

/** Query parameters of every route that answers by day. */
export class DayRangeDto {
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
