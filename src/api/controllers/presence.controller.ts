import { Body, Controller, Get, HttpCode, Post, Query, UseGuards } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import {
  RecordHeartbeatCommand,
  type RecordHeartbeatResult,
} from '../../application/commands/record-heartbeat/record-heartbeat.command.js';
import { GetDailyOnlineQuery } from '../../application/queries/get-daily-online/get-daily-online.query.js';
import { GetOnlineCountQuery } from '../../application/queries/get-online-count/get-online-count.query.js';
import { GetOnlineHistoryQuery } from '../../application/queries/get-online-history/get-online-history.query.js';
import { Admin } from '../../shared/decorators/admin.decorator.js';
import { CurrentUser } from '../../shared/decorators/current-user.decorator.js';
import { DayRangeDto } from '../dto/request/day-range.dto.js';
import { HeartbeatDto } from '../dto/request/heartbeat.dto.js';
import { QueryOnlineHistoryDto } from '../dto/request/query-online-history.dto.js';
import {
  DAILY_ONLINE_FIGURES,
  DailyOnlineResponseDto,
  toDailyOnline,
} from '../dto/response/daily-online.dto.js';
import { HeartbeatResponseDto } from '../dto/response/heartbeat.dto.js';
import { ONLINE_COUNT_FIGURES, OnlineCountResponseDto } from '../dto/response/online-count.dto.js';
import {
  ONLINE_HISTORY_FIGURES,
  OnlineHistoryResponseDto,
  toOnlineHistory,
} from '../dto/response/online-history.dto.js';
import { ApiProblems } from '../dto/response/problem.dto.js';
import { Figures } from '../http/figures/figures.decorator.js';
import { KnownParametersGuard } from '../validators/known-parameters.guard.js';
import { ADMIN_READ_PROBLEMS, TOKEN_PROBLEMS } from './route-problems.js';

@ApiTags('Presence')
@ApiBearerAuth()
@Controller('presence')
@UseGuards(KnownParametersGuard)
export class PresenceController {
  constructor(
    private readonly commandBus: CommandBus,
    private readonly queryBus: QueryBus,
  ) {}

  @Post('heartbeat')
  @HttpCode(200)
  @ApiOperation({
    operationId: 'recordHeartbeat',
    summary: 'Report a heartbeat · 上报心跳',
    description:
      'Send it every 60 s while the app is in the foreground. Logged-in users only.\n\n应用在前台时每 60 秒上报一次，仅限登录用户。',
  })
  @ApiOkResponse({ description: 'The user is online · 用户在线', type: HeartbeatResponseDto })
  @ApiProblems('/presence/heartbeat', [
    'install_id_invalid',
    'install_id_constant',
    'request_invalid',
    'request_malformed',
    ...TOKEN_PROBLEMS,
    'body_too_large',
    'content_type_unsupported',
    'rate_limited',
    'redis_unavailable',
    'answer_too_slow',
  ])
  async heartbeat(
    @CurrentUser('userId') userId: bigint,
    @Body() body: HeartbeatDto,
  ): Promise<RecordHeartbeatResult> {
    return this.commandBus.execute(
      new RecordHeartbeatCommand(userId, body.installId, body.appVersion, body.clientTs),
    );
  }

  @Get('online-count')
  @Admin()
  @ApiOperation({ summary: 'How many users are online now · 当前在线人数' })
  @Figures(ONLINE_COUNT_FIGURES)
  @ApiProblems('/presence/online-count', [
    'request_invalid',
    ...TOKEN_PROBLEMS,
    'role_missing',
    'rate_limited',
    'redis_unavailable',
    'answer_too_slow',
  ])
  async getOnlineCount(): Promise<OnlineCountResponseDto> {
    const { queriedAt, ...result } = await this.queryBus.execute(new GetOnlineCountQuery());
    return { ...result, queriedAt: queriedAt.toISOString() };
  }

  @Get('online-history')
  @Admin()
  @ApiOperation({ summary: 'How many users were online, by minute or longer interval · 在线人数历史' })
  @Figures(ONLINE_HISTORY_FIGURES)
  @ApiProblems('/presence/online-history', ['time_range_invalid', 'request_invalid', ...ADMIN_READ_PROBLEMS])
  async getOnlineHistory(@Query() query: QueryOnlineHistoryDto): Promise<OnlineHistoryResponseDto> {
    return toOnlineHistory(
      await this.queryBus.execute(
        new GetOnlineHistoryQuery(new Date(query.startTime), new Date(query.endTime), query.interval),
      ),
    );
  }

  @Get('daily')
  @Admin()
  @ApiOperation({
    summary: 'Peak and mean of users online by day (PCU, ACU), and the record · 每日最高与平均在线、历史最高',
    description:
      'From the snapshots of each minute. Today, and yesterday until 01:00, are provisional.\n\n' +
      '由每分钟快照计算；今日及 01:00 前的昨日为暂定值。',
  })
  @Figures(DAILY_ONLINE_FIGURES)
  @ApiProblems('/presence/daily', ['request_invalid', 'date_range_invalid', ...ADMIN_READ_PROBLEMS])
  async getDailyOnline(@Query() { startDate, endDate }: DayRangeDto): Promise<DailyOnlineResponseDto> {
    return toDailyOnline(await this.queryBus.execute(new GetDailyOnlineQuery(startDate, endDate)));
  }
}
