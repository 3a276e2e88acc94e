import { Body, Controller, Get, HttpCode, Post, Query, UseGuards } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiBody, ApiOkResponse, ApiOperation, ApiSecurity, ApiTags } from '@nestjs/swagger';
import {
  RecordHeartbeatsCommand,
  type RecordHeartbeatsResult,
} from '../../application/commands/record-heartbeats/record-heartbeats.command.js';
import { GetDailyOnlineQuery } from '../../application/queries/get-daily-online/get-daily-online.query.js';
import { GetOnlineHistoryQuery } from '../../application/queries/get-online-history/get-online-history.query.js';
import { Public } from '../../shared/decorators/public.decorator.js';
import { InternalGuard } from '../../shared/guards/internal.guard.js';
import { DayRangeDto } from '../dto/request/day-range.dto.js';
import { HeartbeatsDto } from '../dto/request/heartbeats.dto.js';
import { QueryOnlineHistoryDto } from '../dto/request/query-online-history.dto.js';
import {
  DAILY_ONLINE_FIGURES,
  DailyOnlineResponseDto,
  toDailyOnline,
} from '../dto/response/daily-online.dto.js';
import {
  ONLINE_HISTORY_FIGURES,
  OnlineHistoryResponseDto,
  toOnlineHistory,
} from '../dto/response/online-history.dto.js';
import { ApiProblems } from '../dto/response/problem.dto.js';
import { RecordHeartbeatsResponseDto } from '../dto/response/record-heartbeats.dto.js';
import { Figures } from '../http/figures/figures.decorator.js';
import { HeartbeatBatchPipe } from '../validators/heartbeat-batch.pipe.js';
import { KnownParametersGuard } from '../validators/known-parameters.guard.js';
import { INTERNAL_READ_PROBLEMS } from './route-problems.js';

/** Serves presence to other services of the platform, by a key instead of a user's token. */
@ApiTags('Internal')
@ApiSecurity('internal-key')
@Controller('internal/presence')
@Public()
@UseGuards(InternalGuard, KnownParametersGuard)
export class InternalPresenceController {
  constructor(
    private readonly commandBus: CommandBus,
    private readonly queryBus: QueryBus,
  ) {}

  @Post('heartbeats')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Report the heartbeats of many users · 网关批量上报心跳',
    description:
      'For gateways that hold the connections of users. A bad heartbeat never fails its neighbours. After a 503 send ' +
      'all again: nothing was acknowledged, and a repeated heartbeat counts once.\n\n' +
      '供持有用户连接的网关使用；单个错误心跳不影响其他。返回 503 时整批重发即可，重复心跳只计一次。',
  })
  @ApiBody({ type: HeartbeatsDto })
  @ApiOkResponse({
    description:
      'The verdict on each heartbeat; see `rejected` for those refused · 逐条结果，被拒心跳见 `rejected`',
    type: RecordHeartbeatsResponseDto,
  })
  @ApiProblems('/internal/presence/heartbeats', [
    'batch_invalid',
    'request_invalid',
    'request_malformed',
    'internal_key_invalid',
    'body_too_large',
    'content_type_unsupported',
    'rate_limited',
    'redis_unavailable',
    'answer_too_slow',
    'overloaded',
  ])
  async recordHeartbeats(
    @Body(HeartbeatBatchPipe) heartbeats: readonly unknown[],
  ): Promise<RecordHeartbeatsResult> {
    return this.commandBus.execute(new RecordHeartbeatsCommand(heartbeats));
  }

  @Get('online-history')
  @ApiOperation({ summary: 'History of users online, for the reporting service · 供报表服务查询在线历史' })
  @Figures(ONLINE_HISTORY_FIGURES)
  @ApiProblems('/internal/presence/online-history', [
    'request_invalid',
    'time_range_invalid',
    ...INTERNAL_READ_PROBLEMS,
  ])
  async getOnlineHistoryForReporting(
    @Query() { startTime, endTime, interval }: QueryOnlineHistoryDto,
  ): Promise<OnlineHistoryResponseDto> {
    const query = new GetOnlineHistoryQuery(new Date(startTime), new Date(endTime), interval);
    return toOnlineHistory(await this.queryBus.execute(query));
  }

  @Get('daily')
  @ApiOperation({
    summary: 'Users online by day, for the reporting service · 供报表服务查询每日在线峰值与均值',
  })
  @Figures(DAILY_ONLINE_FIGURES)
  @ApiProblems('/internal/presence/daily', [
    'request_invalid',
    'date_range_invalid',
    ...INTERNAL_READ_PROBLEMS,
  ])
  async getDailyOnlineForReporting(
    @Query() { startDate, endDate }: DayRangeDto,
  ): Promise<DailyOnlineResponseDto> {
    return toDailyOnline(await this.queryBus.execute(new GetDailyOnlineQuery(startDate, endDate)));
  }
}
