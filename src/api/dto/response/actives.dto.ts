import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import type { ActiveUsersResult } from '../../../application/queries/get-active-users/get-active-users.query.js';
import type { LifecycleResult } from '../../../application/queries/get-lifecycle/get-lifecycle.query.js';
import type { RetentionResult } from '../../../application/queries/get-retention/get-retention.query.js';
import type { RollingActiveUsersResult } from '../../../application/queries/get-rolling-active-users/get-rolling-active-users.query.js';
import { ACTIVE_INTERVALS, COHORTS } from '../../../shared/rules/active-interval.rule.js';
import { rowsByPlace, type CsvCell, type CsvTable } from '../../http/figures/csv.js';
import type { FiguresOptions } from '../../http/figures/figures.decorator.js';
import { addDaysToKey } from '../../../shared/utils/timezone.util.js';

const IS_FINAL = {
  description: 'False while a day up to the last one may still change · 是否已定稿',
  example: true,
};
const TOTAL = {
  type: 'integer',
  description: 'Number of entries in data · data 的条数',
  example: 1,
} as const;
const DAYS = 'Every day of the range up to today, ascending · 截至今日，按日升序';
const CALCULATED_AT = '2025-01-15T17:00:00.123Z';

/** State of all figures of an answer. */
class FiguresStateDto {
  @ApiProperty({
    type: String,
    format: 'date',
    description:
      'Last day of the answer up to which only late events or an import may change a figure; it may lie before all of ' +
      'them · 截至该日的数字已定稿，仅迟到事件或导入会改变；可能早于所有日期',
    example: '2025-01-14',
  })
  finalThrough!: string;

  @ApiProperty({
    type: String,
    nullable: true,
    description:
      'When a day that the figures are made of was last counted; null before the first time · ' +
      '所依据的日期最近一次统计的时刻；首次之前为 null',
    example: CALCULATED_AT,
    format: 'date-time',
  })
  calculatedAt!: string | null;
}

export class ActiveUsersItemDto {
  @ApiProperty({
    format: 'date',
    description: 'First day of the whole interval · 区间首日',
    example: '2025-01-06',
  })
  startDate!: string;

  @ApiProperty({
    format: 'date',
    description: 'Last day of the whole interval · 区间末日',
    example: '2025-01-12',
  })
  endDate!: string;

  @ApiProperty({
    type: 'integer',
    description: 'Distinct users active on at least one of the days · 区间内去重活跃用户',
    example: 12840,
  })
  activeCount!: number;

  @ApiProperty({
    type: 'integer',
    description: 'Those whose first active day of all lies in the interval · 其中首次活跃者',
    example: 1930,
  })
  newCount!: number;

  @ApiProperty({ type: 'integer', description: 'Active and not new · 其中非新增者', example: 10910 })
  returningCount!: number;

  @ApiProperty(IS_FINAL)
  isFinal!: boolean;

  @ApiPropertyOptional({
    description: 'With `breakdown=province`; who was seen in two provinces counts in both · 两省各计一次',
    type: 'object',
    additionalProperties: { type: 'integer' },
    example: { 广东省: 4100, 浙江省: 2400 },
  })
  byProvince?: Readonly<Record<string, number>>;

  @ApiPropertyOptional({
    description: 'With `breakdown=city` · 仅限 `breakdown=city`',
    type: 'object',
    additionalProperties: { type: 'integer' },
    example: { 深圳市: 1900, 杭州市: 1300 },
  })
  byCity?: Readonly<Record<string, number>>;
}

export class ActiveUsersResponseDto extends FiguresStateDto {
  @ApiProperty({ enum: ACTIVE_INTERVALS, example: 'week' })
  interval!: string;

  @ApiProperty({
    type: [ActiveUsersItemDto],
    description: 'Whole intervals, ascending; one that has not begun is absent · 完整区间，升序',
  })
  data!: readonly ActiveUsersItemDto[];

  @ApiProperty(TOTAL)
  total!: number;
}

/** Holds a row for the total of an interval and for each of its places, of which new and returning are not counted. */
const ACTIVE_USERS_CSV: CsvTable<ActiveUsersResult> = {
  columns: [
    ...['startDate', 'endDate', 'level', 'place'],
    ...['activeCount', 'newCount', 'returningCount', 'isFinal', 'calculatedAt'],
  ],
  *rows({ data, calculatedAt }) {
    for (const item of data) {
      const { startDate, endDate, activeCount, newCount, returningCount, isFinal } = item;
      for (const counted of rowsByPlace(activeCount, item.byProvince ?? {}, item.byCity ?? {})) {
        const parts = counted[0] === 'total' ? [newCount, returningCount] : [null, null];
        yield [startDate, endDate, ...counted, ...parts, isFinal, toCell(calculatedAt)];
      }
    }
  },
  example: ['2025-01-06', '2025-01-12', 'total', '', 12840, 1930, 10910, true, CALCULATED_AT],
};

export const ACTIVE_USERS_FIGURES: FiguresOptions<ActiveUsersResult> = {
  type: ActiveUsersResponseDto,
  csv: ACTIVE_USERS_CSV,
};

export class RollingActiveUsersItemDto {
  @ApiProperty({ format: 'date', description: 'Last day of the window · 窗口末日', example: '2025-01-15' })
  day!: string;

  @ApiProperty({
    type: 'integer',
    description: 'Distinct users of the window · 窗口内去重活跃用户',
    example: 31200,
  })
  activeCount!: number;

  @ApiProperty({ type: 'integer', example: 5678 })
  dauCount!: number;

  @ApiPropertyOptional({
    type: 'number',
    format: 'double',
    description: 'dauCount / activeCount, four decimals; with a window of 30 only · 粘性，仅 30 天窗口',
    example: 0.182,
  })
  stickiness?: number;

  @ApiProperty(IS_FINAL)
  isFinal!: boolean;
}

export class RollingActiveUsersResponseDto extends FiguresStateDto {
  @ApiProperty({ type: 'integer', description: 'Days of the window · 窗口天数', example: 30 })
  window!: number;

  @ApiProperty({ type: [RollingActiveUsersItemDto], description: DAYS })
  data!: readonly RollingActiveUsersItemDto[];

  @ApiProperty(TOTAL)
  total!: number;
}

const ROLLING_ACTIVE_USERS_CSV: CsvTable<RollingActiveUsersResult> = {
  columns: ['day', 'window', 'activeCount', 'dauCount', 'stickiness', 'isFinal', 'calculatedAt'],
  rows: ({ window, data, calculatedAt }) =>
    data.map(({ day, activeCount, dauCount, stickiness, isFinal }) => [
      ...[day, window, activeCount, dauCount, stickiness ?? null, isFinal, toCell(calculatedAt)],
    ]),
  example: ['2025-01-15', 30, 31200, 5678, 0.182, true, CALCULATED_AT],
};

export const ROLLING_ACTIVE_USERS_FIGURES: FiguresOptions<RollingActiveUsersResult> = {
  type: RollingActiveUsersResponseDto,
  csv: ROLLING_ACTIVE_USERS_CSV,
};

export class LifecycleItemDto {
  @ApiProperty({ format: 'date', example: '2025-01-15' })
  day!: string;

  @ApiProperty({ type: 'integer', example: 5678 })
  dauCount!: number;

  @ApiProperty({ type: 'integer', description: 'Active for the first time of all · 首次活跃', example: 310 })
  newCount!: number;

  @ApiProperty({ type: 'integer', description: 'Active and not new · 非首次活跃', example: 5368 })
  returningCount!: number;

  @ApiProperty({
    type: 'integer',
    description: 'Returning, and not active on the day before · 回流',
    example: 1204,
  })
  resurrectedCount!: number;

  @ApiProperty({
    type: 'integer',
    description: 'Active on the day before, and not on this one · 沉默',
    example: 1420,
  })
  dormantCount!: number;

  @ApiProperty(IS_FINAL)
  isFinal!: boolean;
}

export class LifecycleResponseDto extends FiguresStateDto {
  @ApiProperty({ type: [LifecycleItemDto], description: DAYS })
  data!: readonly LifecycleItemDto[];

  @ApiProperty(TOTAL)
  total!: number;
}

const LIFECYCLE_CSV: CsvTable<LifecycleResult> = {
  columns: [
    ...['day', 'dauCount', 'newCount', 'returningCount'],
    ...['resurrectedCount', 'dormantCount', 'isFinal', 'calculatedAt'],
  ],
  rows: ({ data, calculatedAt }) =>
    data.map(({ day, dauCount, newCount, returningCount, resurrectedCount, dormantCount, isFinal }) => [
      ...[day, dauCount, newCount, returningCount, resurrectedCount, dormantCount, isFinal],
      toCell(calculatedAt),
    ]),
  example: ['2025-01-15', 5678, 310, 5368, 1204, 1420, true, CALCULATED_AT],
};

export const LIFECYCLE_FIGURES: FiguresOptions<LifecycleResult> = {
  type: LifecycleResponseDto,
  csv: LIFECYCLE_CSV,
};

export class RetainedDto {
  @ApiProperty({ type: 'integer', description: 'Days after the day · 之后第几天', example: 7 })
  after!: number;

  @ApiProperty({
    type: 'integer',
    description: 'Those of the cohort active on that day · 当天仍活跃者',
    example: 93,
  })
  count!: number;

  @ApiProperty({
    type: 'number',
    format: 'double',
    description: 'count / cohortSize, four decimals · 留存率',
    example: 0.3,
  })
  rate!: number;
}

export class RetentionItemDto {
  @ApiProperty({ format: 'date', example: '2025-01-01' })
  day!: string;

  @ApiProperty({ type: 'integer', example: 310 })
  cohortSize!: number;

  @ApiProperty({ type: [RetainedDto], description: 'A day that is not over yet is absent · 未结束之日缺省' })
  retained!: readonly RetainedDto[];
}

export class RetentionResponseDto extends FiguresStateDto {
  @ApiProperty({ enum: COHORTS, example: 'new' })
  cohort!: string;

  @ApiProperty({ type: [RetentionItemDto], description: DAYS })
  data!: readonly RetentionItemDto[];

  @ApiProperty(TOTAL)
  total!: number;
}

/** Holds a row for each day and `after`; a day that has none yet keeps one row, for the size of its cohort. */
const RETENTION_CSV: CsvTable<RetentionResult> = {
  columns: ['cohort', 'day', 'cohortSize', 'after', 'count', 'rate', 'isFinal', 'calculatedAt'],
  *rows({ cohort, data, finalThrough, calculatedAt }) {
    for (const { day, cohortSize, retained } of data) {
      const state = (lastDay: string): CsvCell[] => [lastDay <= finalThrough, toCell(calculatedAt)];
      if (retained.length === 0) yield [cohort, day, cohortSize, null, null, null, ...state(day)];
      for (const { after, count, rate } of retained)
        yield [cohort, day, cohortSize, after, count, rate, ...state(addDaysToKey(day, after))];
    }
  },
  example: ['new', '2025-01-01', 310, 7, 93, 0.3, true, CALCULATED_AT],
};

export const RETENTION_FIGURES: FiguresOptions<RetentionResult> = {
  type: RetentionResponseDto,
  csv: RETENTION_CSV,
};

function toCell(instant: Date | null): string | null {
  return instant?.toISOString() ?? null;
}
