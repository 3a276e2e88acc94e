import { Body, Controller, Get, HttpCode, Post, Query, UseGuards } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiBearerAuth, ApiBody, ApiOkResponse, ApiOperation, ApiSecurity, ApiTags } from '@nestjs/swagger';
import {
  RecordEventsCommand,
  type RecordEventsResult,
} from '../../application/commands/record-events/record-events.command.js';
import {
  GetDauStatsQuery,
  type DauStatsResult,
} from '../../application/queries/get-dau-stats/get-dau-stats.query.js';
import { GetRealtimeDauQuery } from '../../application/queries/get-realtime-dau/get-realtime-dau.query.js';
import { Admin } from '../../shared/decorators/admin.decorator.js';
import { CurrentUser } from '../../shared/decorators/current-user.decorator.js';
import type { ErrorCode } from '../../shared/exceptions/error-catalogue.js';
import { Public } from '../../shared/decorators/public.decorator.js';
import { OptionalAuthGuard } from '../../shared/guards/optional-auth.guard.js';
import { BATCH_EXAMPLES, BatchEventsDto } from '../dto/request/batch-events.dto.js';
import { QueryDauDto, toDauOptions } from '../dto/request/query-dau.dto.js';
import { DAU_FIGURES, REALTIME_DAU_FIGURES, RealtimeDauResponseDto } from '../dto/response/dau-stats.dto.js';
import { ApiProblems } from '../dto/response/problem.dto.js';
import { RecordEventsResponseDto } from '../dto/response/record-events.dto.js';
import { Figures } from '../http/figures/figures.decorator.js';
import { KnownParametersGuard } from '../validators/known-parameters.guard.js';
import { ADMIN_READ_PROBLEMS } from './route-problems.js';
import { EventBatchPipe, type EventBatch } from '../validators/event.validator.js';

const READ_PROBLEMS: readonly ErrorCode[] = ['request_invalid', 'date_range_invalid', ...ADMIN_READ_PROBLEMS];

@ApiTags('Analytics')
@Controller('analytics')
@UseGuards(KnownParametersGuard)
export class AnalyticsController {
  constructor(
    private readonly commandBus: CommandBus,
    private readonly queryBus: QueryBus,
  ) {}

  @Post('events')
  @HttpCode(200)
  @Public()
  @UseGuards(OptionalAuthGuard)
  // The token is optional.
  @ApiBearerAuth()
  @ApiSecurity({})
  @ApiOperation({
    operationId: 'recordEvents',
    summary: 'Report a batch of events · 批量上报事件',
    description:
      'Answers once the accepted events are durable. A bad event never fails its neighbours. Without a token the ' +
      'client is anonymous; with one, a missing `userId` is the token’s. At most 1 MiB, after decompression.\n\n' +
      '事件落盘后才返回；单个错误事件不影响同批其他事件。无令牌视为匿名；有令牌时，缺省的 `userId` 取自令牌。解压后不超过 1 MiB。',
  })
  @ApiBody({ type: BatchEventsDto, examples: BATCH_EXAMPLES })
  @ApiOkResponse({
    description:
      'The verdict on each event; see `rejected` for those refused · 逐条结果，被拒事件见 `rejected`',
    type: RecordEventsResponseDto,
  })
  @ApiProblems('/analytics/events', [
    'batch_invalid',
    'request_invalid',
    'request_malformed',
    'token_expired',
    'token_invalid',
    'body_too_large',
    'content_type_unsupported',
    'rate_limited',
    'database_unavailable',
    'database_too_slow',
    'answer_too_slow',
    'overloaded',
  ])
  async batchEvents(
    @Body(EventBatchPipe) batch: EventBatch,
    @CurrentUser('userId') userId: bigint | undefined,
  ): Promise<RecordEventsResult> {
    return this.commandBus.execute(new RecordEventsCommand(batch.events, batch.sentAt, userId));
  }

  @Get('dau')
  @Admin()
  @ApiBearerAuth()
  @ApiOperation({ summary: 'Daily active users by day, province and city · 按日、省、市查询日活' })
  @Figures(DAU_FIGURES)
  @ApiProblems('/analytics/dau', READ_PROBLEMS)
  async getDauStats(@Query() query: QueryDauDto): Promise<DauStatsResult> {
    return this.queryBus.execute(new GetDauStatsQuery(query.startDate, query.endDate, toDauOptions(query)));
  }

  @Get('dau/realtime')
  @Admin()
  @ApiBearerAuth()
  @ApiOperation({ summary: 'Today’s active users, live and approximate · 今日实时日活（估算）' })
  @Figures(REALTIME_DAU_FIGURES)
  @ApiProblems('/analytics/dau/realtime', [
    'request_invalid',
    'token_expired',
    'token_missing',
    'token_invalid',
    'role_missing',
    'rate_limited',
    'realtime_dau_unverified',
    'redis_unavailable',
    'database_unavailable',
    'answer_too_slow',
  ])
  async getRealtimeDau(): Promise<RealtimeDauResponseDto> {
    const { queriedAt, ...result } = await this.queryBus.execute(new GetRealtimeDauQuery());
    return { ...result, queriedAt: queriedAt.toISOString() };
  }
}
