import { ApiProperty } from '@nestjs/swagger';
import type { CsvTable } from '../../http/figures/csv.js';
import type { FiguresOptions } from '../../http/figures/figures.decorator.js';

export class OnlineCountResponseDto {
  @ApiProperty({ type: 'integer', example: 1234 })
  count!: number;

  @ApiProperty({
    description:
      'True when a part of Redis did not answer: at least `count` users are online · Redis 部分节点无响应时为 true，此时 count 为下限',
    example: false,
  })
  isPartial!: boolean;

  @ApiProperty({
    type: 'number',
    format: 'double',
    description:
      'Share of the users that the count could see; `count / coverage` estimates the total · 计数所覆盖的用户比例',
    example: 1,
    exclusiveMinimum: true,
    minimum: 0,
    maximum: 1,
  })
  coverage!: number;

  @ApiProperty({
    type: 'integer',
    description: 'A user is online when the last heartbeat is younger than this · 在线窗口（秒）',
    example: 180,
  })
  windowSeconds!: number;

  @ApiProperty({ example: '2025-01-15T10:30:00.000Z', format: 'date-time' })
  queriedAt!: string;
}

const ONLINE_COUNT_CSV: CsvTable<OnlineCountResponseDto> = {
  columns: ['count', 'windowSeconds', 'queriedAt'],
  rows: ({ count, windowSeconds, queriedAt }) => [[count, windowSeconds, queriedAt]],
  example: [1234, 180, '2025-01-15T10:30:00.000Z'],
};

export const ONLINE_COUNT_FIGURES: FiguresOptions<OnlineCountResponseDto> = {
  type: OnlineCountResponseDto,
  csv: ONLINE_COUNT_CSV,
  isLive: true,
};
