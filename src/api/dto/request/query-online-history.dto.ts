import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsISO8601, IsOptional, Matches } from 'class-validator';

const INTERVALS = ['1m', '5m', '1h'] as const;
const WITH_ZONE = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})$/;
const WRONG =
  'must be an ISO 8601 instant with a zone, such as 2025-01-15T10:00:00Z (write + as %2B in a URL)';

export class QueryOnlineHistoryDto {
  @ApiProperty({
    description: 'From this instant on',
    example: '2025-01-15T00:00:00+08:00',
    format: 'date-time',
  })
  @IsISO8601({ strict: true }, { message: `startTime ${WRONG}` })
  @Matches(WITH_ZONE, { message: `startTime ${WRONG}` })
  startTime!: string;

  @ApiProperty({
    description: 'Before this instant',
    example: '2025-01-16T00:00:00+08:00',
    format: 'date-time',
  })
  @IsISO8601({ strict: true }, { message: `endTime ${WRONG}` })
  @Matches(WITH_ZONE, { message: `endTime ${WRONG}` })
  endTime!: string;

  @ApiPropertyOptional({
    description: 'Width of a bucket; at most 7 days of 1m, 35 days of 5m, 366 days of 1h',
    enum: INTERVALS,
    default: '5m',
  })
  @IsOptional()
  @IsIn(INTERVALS)
  interval: (typeof INTERVALS)[number] = '5m';
}
