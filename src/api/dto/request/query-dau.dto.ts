import { ApiProperty } from '@nestjs/swagger';
import { Matches } from 'class-validator';

const DAY = /^\d{4}-\d{2}-\d{2}$/;

export class QueryDauDto {
  @ApiProperty({
    description: 'First day, Asia/Shanghai · 起始日（含）',
    example: '2025-01-01',
    format: 'date',
  })
  @Matches(DAY, { message: 'startDate must be a day as YYYY-MM-DD' })
  startDate!: string;

  @ApiProperty({
    description: 'Last day, included; at most 366 days in all · 结束日（含），最多 366 天',
    example: '2025-01-15',
    format: 'date',
  })
  @Matches(DAY, { message: 'endDate must be a day as YYYY-MM-DD' })
  endDate!: string;
}
