import { ApiProperty } from '@nestjs/swagger';
import { rowsByPlace, type CsvTable } from '../../http/figures/csv.js';
import type { FiguresOptions } from '../../http/figures/figures.decorator.js';
import type { DauStatsResult } from '../../../application/queries/get-dau-stats/get-dau-stats.query.js';

export class DauDayItemDto {
  @ApiProperty({ format: 'date', example: '2025-01-15' })
  day!: string;

  @ApiProperty({
    type: 'integer',
    description: 'Distinct users, and installs without a logged-in user · 去重用户数（未登录时按安装计）',
    example: 5678,
  })
  dauCount!: number;

  @ApiProperty({
    description: 'A user seen in two provinces counts in both · 出现在两省者两省各计一次',
    type: 'object',
    additionalProperties: { type: 'integer' },
    example: { 广东省: 2100, 浙江省: 1400 },
  })
  byProvince!: Readonly<Record<string, number>>;

  @ApiProperty({
    type: 'object',
    additionalProperties: { type: 'integer' },
    example: { 深圳市: 900, 杭州市: 800 },
  })
  byCity!: Readonly<Record<string, number>>;

  @ApiProperty({
    description:
      'False until the day was calculated at 01:00 of the next one; late events may still raise `version` · ' +
      '次日 01:00 计算后为 true；迟到事件仍可能使 `version` 上升',
    example: true,
  })
  isFinal!: boolean;

  @ApiProperty({
    type: 'integer',
    description:
      'Rises when a recalculation changes a figure; 0 before the first. Figures of a provisional day may be newer · ' +
      '重算使数字变化时上升，首次计算前为 0',
    example: 25,
  })
  version!: number;

  @ApiProperty({
    type: String,
    nullable: true,
    description:
      'When the day was counted; null for a day that never had an active · 统计时刻；从无活跃之日为 null',
    example: '2025-01-15T17:00:00.123Z',
    format: 'date-time',
  })
  calculatedAt!: string | null;
}

export class DauStatsResponseDto {
  @ApiProperty({
    type: [DauDayItemDto],
    description:
      'Ascending. Past days as last calculated, today as of now; a day without actives is absent, or 0 with `zeroDays` · ' +
      '按日升序，无活跃之日缺省，`zeroDays` 时为 0',
  })
  data!: readonly DauDayItemDto[];

  @ApiProperty({ type: 'integer', description: 'Number of days in data · data 中的天数', example: 1 })
  total!: number;
}

/**
 * Writes a {@link DauStatsResponseDto} as JSON without parsing its places, of which a year holds megabytes
 * (docs/adr/0010).
 */
export function writeDauStats({ data, total }: DauStatsResult): string {
  const days = data.map(
    ({ day, dauCount, byProvince, byCity, isFinal, version, calculatedAt }) =>
      `{"day":"${day}","dauCount":${dauCount},"byProvince":${byProvince.json},"byCity":${byCity.json},` +
      `"isFinal":${isFinal},"version":${version},"calculatedAt":${JSON.stringify(calculatedAt)}}`,
  );
  return `{"data":[${days.join()}],"total":${total}}`;
}

/** Holds a row for the total of a day and for each of its places. */
const DAU_CSV: CsvTable<DauStatsResult> = {
  columns: ['day', 'level', 'place', 'dauCount', 'isFinal', 'version', 'calculatedAt'],
  *rows({ data }) {
    for (const { day, dauCount, byProvince, byCity, isFinal, version, calculatedAt } of data) {
      const state = [isFinal, version, calculatedAt?.toISOString() ?? null];
      for (const counted of rowsByPlace(dauCount, byProvince.toJSON(), byCity.toJSON()))
        yield [day, ...counted, ...state];
    }
  },
  example: ['2025-01-15', 'province', '广东省', 2100, true, 25, '2025-01-15T17:00:00.123Z'],
};

export const DAU_FIGURES: FiguresOptions<DauStatsResult> = {
  type: DauStatsResponseDto,
  csv: DAU_CSV,
  json: writeDauStats,
};

export class RealtimeDauResponseDto {
  @ApiProperty({ format: 'date', description: 'Today in Asia/Shanghai · 今日', example: '2025-01-15' })
  day!: string;

  @ApiProperty({ type: 'integer', example: 5671 })
  dauCount!: number;

  @ApiProperty({ enum: ['hyperloglog'], example: 'hyperloglog' })
  method!: 'hyperloglog';

  @ApiProperty({
    type: 'number',
    format: 'double',
    description: 'Relative standard error of the estimate · 相对标准误差',
    example: 0.0081,
  })
  standardError!: number;

  @ApiProperty({ example: '2025-01-15T10:30:00.000Z', format: 'date-time' })
  queriedAt!: string;
}

const REALTIME_DAU_CSV: CsvTable<RealtimeDauResponseDto> = {
  columns: ['day', 'dauCount', 'method', 'standardError', 'queriedAt'],
  rows: ({ day, dauCount, method, standardError, queriedAt }) => [
    [day, dauCount, method, standardError, queriedAt],
  ],
  example: ['2025-01-15', 5671, 'hyperloglog', 0.0081, '2025-01-15T10:30:00.000Z'],
};

export const REALTIME_DAU_FIGURES: FiguresOptions<RealtimeDauResponseDto> = {
  type: RealtimeDauResponseDto,
  csv: REALTIME_DAU_CSV,
  isLive: true,
};
