import { Body, Controller, Get, HttpCode, Post, Query } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import {
  RecordHeartbeatCommand,
  type RecordHeartbeatResult,
} from '../../application/commands/record-heartbeat/record-heartbeat.command.js';
import { GetOnlineCountQuery } from '../../application/queries/get-online-count/get-online-count.query.js';
import { GetOnlineHistoryQuery } from '../../application/queries/get-online-history/get-online-history.query.js';
import { Admin } from '../../shared/decorators/admin.decorator.js';
import { CurrentUser, type AuthenticatedUser } from '../../shared/decorators/current-user.decorator.js';
import { HeartbeatDto } from '../dto/request/heartbeat.dto.js';
import { QueryOnlineHistoryDto } from '../dto/request/query-online-history.dto.js';
import { HeartbeatResponseDto } from '../dto/response/heartbeat.dto.js';
import { OnlineCountResponseDto } from '../dto/response/online-count.dto.js';
import { OnlineHistoryResponseDto } from '../dto/response/online-history.dto.js';
import { ApiProblems } from '../dto/response/problem.dto.js';

const REDIS_AWAY = {
  503: {
    code: 'redis_unavailable',
    detail: 'The service cannot reach its redis at the moment. Send the same request again later.',
  },
};

@ApiTags('Presence')
@ApiBearerAuth()
@Controller('presence')
export class PresenceController {
  constructor(
    private readonly commandBus: CommandBus,
    private readonly queryBus: QueryBus,
  ) {}

  @Post('heartbeat')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Say that the user is there',
    description: 'Every 60 s while the app is in the foreground. Logged-in users only.',
  })
  @ApiOkResponse({ type: HeartbeatResponseDto })
  @ApiProblems('/presence/heartbeat', [400, 401, 413, 415, 429, 503], {
    400: { code: 'install_id_invalid', detail: 'installId must have 8 to 128 characters, it has 7' },
    ...REDIS_AWAY,
  })
  async heartbeat(
    @CurrentUser() user: AuthenticatedUser,
    @Body() body: HeartbeatDto,
  ): Promise<RecordHeartbeatResult> {
    return this.commandBus.execute(
      new RecordHeartbeatCommand(user.userId, body.installId, body.appVersion, body.clientTs),
    );
  }

  @Get('online-count')
  @Admin()
  @ApiOperation({ summary: 'How many users are online now' })
  @ApiOkResponse({ type: OnlineCountResponseDto })
  @ApiProblems('/presence/online-count', [401, 403, 429, 503], REDIS_AWAY)
  async getOnlineCount(): Promise<OnlineCountResponseDto> {
    const { queriedAt, ...result } = await this.queryBus.execute(new GetOnlineCountQuery());
    return { ...result, queriedAt: queriedAt.toISOString() };
  }

  @Get('online-history')
  @Admin()
  @ApiOperation({ summary: 'How many users were online, minute by minute or in larger steps' })
  @ApiOkResponse({ type: OnlineHistoryResponseDto })
  @ApiProblems('/presence/online-history', [400, 401, 403, 429, 503], {
    400: { code: 'time_range_invalid', detail: 'endTime must be later than startTime' },
  })
  async getOnlineHistory(@Query() query: QueryOnlineHistoryDto): Promise<OnlineHistoryResponseDto> {
    const { interval, buckets, peak } = await this.queryBus.execute(
      new GetOnlineHistoryQuery(new Date(query.startTime), new Date(query.endTime), query.interval),
    );
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
}
