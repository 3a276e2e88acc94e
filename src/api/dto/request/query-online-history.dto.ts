import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { HISTORY_INTERVALS, type HistoryInterval } from '../../../shared/rules/history-interval.rule.js';
import { IsHistoryInterval, IsInstant } from '../../validators/field-rules.js';

export class QueryOnlineHistoryDto {
  @ApiProperty({
    description: 'First instant, included · 起始时刻（含）',
    example: '2025-01-15T00:00:00+08:00',
    format: 'date-time',
  })
  @IsInstant('2025-01-15T00:00:00Z')
  startTime!: string;

  @ApiProperty({
    description: 'Last instant, excluded · 结束时刻（不含）',
    example: '2025-01-16T00:00:00+08:00',
    format: 'date-time',
  })
  @IsInstant('2025-01-16T00:00:00Z')
  endTime!: string;

  @ApiPropertyOptional({
    description:
      'Width of a bucket; at most 7 days of 1m, 35 days of 5m, 366 days of 1h · 粒度；1m 最多 7 天，5m 最多 35 天，1h 最多 366 天',
    enum: HISTORY_INTERVALS,
    default: '5m',
  })
  @IsHistoryInterval()
  interval: HistoryInterval = '5m';
}
