import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import type { OnlineHistoryResult } from '../../../application/queries/get-online-history/get-online-history.query.js';
import { HISTORY_INTERVALS } from '../../../shared/rules/history-interval.rule.js';
import type { CsvTable } from '../../http/figures/csv.js';
import type { FiguresOptions } from '../../http/figures/figures.decorator.js';

export class OnlinePointDto {
  @ApiProperty({
    description: 'Start of the bucket · 时间桶起点',
    example: '2025-01-15T10:30:00.000Z',
    format: 'date-time',
  })
  ts!: string;

  @ApiProperty({ type: 'integer', description: 'The bucket’s maximum · 桶内最大值', example: 1320 })
  onlineCount!: number;

  @ApiProperty({ type: 'integer', example: 1180 })
  min!: number;

  @ApiProperty({ type: 'number', format: 'double', example: 1250.4 })
  avg!: number;

  @ApiProperty({ type: 'integer', example: 1320 })
  max!: number;

  @ApiProperty({
    type: 'integer',
    description:
      'Minutes with a snapshot; fewer than the bucket has when the service was down · 有快照的分钟数',
    example: 5,
  })
  samples!: number;
}

export class OnlinePeakDto {
  @ApiProperty({
    format: 'date-time',
    description: 'The first minute with the highest count · 首个峰值分钟',
    example: '2025-01-15T12:03:00.000Z',
  })
  ts!: string;

  @ApiProperty({ type: 'integer', example: 1702 })
  onlineCount!: number;
}

export class OnlineHistoryResponseDto {
  @ApiProperty({ enum: HISTORY_INTERVALS, example: '5m' })
  interval!: string;

  @ApiProperty({
    type: [OnlinePointDto],
    description: 'Ascending; a bucket without a snapshot is absent · 升序，无快照的时间桶缺省',
  })
  data!: readonly OnlinePointDto[];

  @ApiPropertyOptional({ type: OnlinePeakDto, description: 'Absent when there is no data · 无数据时缺省' })
  peak?: OnlinePeakDto;

  @ApiProperty({ type: 'integer', description: 'Number of points in data · data 中的点数', example: 1 })
  total!: number;
}

export function toOnlineHistory({ interval, buckets, peak }: OnlineHistoryResult): OnlineHistoryResponseDto {
  return {
    interval,
    data: buckets.map(({ start, ...figures }) => ({
      ts: start.toISOString(),
      onlineCount: figures.max,
      ...figures,
    })),
    ...(peak !== null && { peak: { ts: peak.ts.toISOString(), onlineCount: peak.onlineCount } }),
    total: buckets.length,
  };
}

/** Leaves the peak out: it is the first row with the highest count. */
const ONLINE_HISTORY_CSV: CsvTable<OnlineHistoryResponseDto> = {
  columns: ['ts', 'onlineCount', 'min', 'avg', 'max', 'samples'],
  rows: ({ data }) =>
    data.map(({ ts, onlineCount, min, avg, max, samples }) => [ts, onlineCount, min, avg, max, samples]),
  example: ['2025-01-15T10:30:00.000Z', 1320, 1180, 1250.4, 1320, 5],
};

export const ONLINE_HISTORY_FIGURES: FiguresOptions<OnlineHistoryResponseDto> = {
  type: OnlineHistoryResponseDto,
  csv: ONLINE_HISTORY_CSV,
};
