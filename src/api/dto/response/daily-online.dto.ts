import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import type { DailyOnlineResult } from '../../../application/queries/get-daily-online/get-daily-online.query.js';
import type { CsvTable } from '../../http/figures/csv.js';
import type { FiguresOptions } from '../../http/figures/figures.decorator.js';
import { OnlinePeakDto } from './online-history.dto.js';

export class DailyOnlineItemDto {
  @ApiProperty({ format: 'date', example: '2025-01-15' })
  day!: string;

  @ApiPropertyOptional({
    type: OnlinePeakDto,
    description:
      'PCU: the largest of the day’s minute snapshots; absent without any · 最高同时在线，无快照则缺省',
  })
  peak?: OnlinePeakDto;

  @ApiPropertyOptional({
    type: 'number',
    format: 'double',
    description:
      'ACU: the mean of the day’s minute snapshots; absent without any · 平均同时在线，无快照则缺省',
    example: 842.37,
  })
  average?: number;

  @ApiProperty({
    type: 'integer',
    description: 'Minutes with a snapshot; 0 after an outage of the whole day · 有快照的分钟数',
    example: 1438,
  })
  samples!: number;

  @ApiProperty({
    type: 'integer',
    description:
      'Minutes of the day, up to now, without a snapshot: the service was down · 当日至今缺快照的分钟数',
    example: 2,
  })
  missedMinutes!: number;

  @ApiProperty({
    description: 'False for today, and for yesterday until 01:00 · 今日及 01:00 前的昨日为 false',
    example: true,
  })
  isFinal!: boolean;
}

export class DailyOnlineResponseDto {
  @ApiProperty({
    type: [DailyOnlineItemDto],
    description:
      'Ascending; absent are days before the first snapshot of all time and in the future · 按日升序，首个快照之前及未来之日缺省',
  })
  data!: readonly DailyOnlineItemDto[];

  @ApiProperty({
    type: String,
    nullable: true,
    description: 'The last snapshot of the range; null without any · 范围内最后一次快照的时刻',
    example: '2025-01-15T15:59:00.000Z',
    format: 'date-time',
  })
  lastSnapshotAt!: string | null;

  @ApiPropertyOptional({
    type: OnlinePeakDto,
    description:
      'The highest count of all time, whatever the range; absent before the first snapshot · 历史最高',
  })
  record?: OnlinePeakDto;

  @ApiProperty({ type: 'integer', description: 'Number of days in data · data 中的天数', example: 1 })
  total!: number;
}

export function toDailyOnline({ data, lastSnapshotAt, record }: DailyOnlineResult): DailyOnlineResponseDto {
  return {
    data: data.map(({ day, peak, average, ...figures }) => ({
      day,
      ...(peak !== null && { peak: toPeak(peak) }),
      ...(average !== null && { average }),
      ...figures,
    })),
    lastSnapshotAt: lastSnapshotAt?.toISOString() ?? null,
    ...(record !== null && { record: toPeak(record) }),
    total: data.length,
  };
}

function toPeak({ ts, onlineCount }: { readonly ts: Date; readonly onlineCount: number }): OnlinePeakDto {
  return { ts: ts.toISOString(), onlineCount };
}

/** Leaves the record out, which belongs to no day. */
const DAILY_ONLINE_CSV: CsvTable<DailyOnlineResponseDto> = {
  columns: ['day', 'peakTs', 'peakOnlineCount', 'average', 'samples', 'missedMinutes', 'isFinal'],
  rows: ({ data }) =>
    data.map(({ day, peak, average, samples, missedMinutes, isFinal }) => [
      ...[day, peak?.ts ?? null, peak?.onlineCount ?? null, average ?? null],
      ...[samples, missedMinutes, isFinal],
    ]),
  example: ['2025-01-15', '2025-01-15T12:03:00.000Z', 1702, 842.37, 1438, 2, true],
};

export const DAILY_ONLINE_FIGURES: FiguresOptions<DailyOnlineResponseDto> = {
  type: DailyOnlineResponseDto,
  csv: DAILY_ONLINE_CSV,
};
