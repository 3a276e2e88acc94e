import { Body, Controller, Get, Header, HttpCode, Post, Query, UseGuards } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiBearerAuth, ApiBody, ApiOkResponse, ApiOperation, ApiSecurity, ApiTags } from '@nestjs/swagger';
import {
  RecordEventsCommand,
  type RecordEventsResult,
} from '../../application/commands/record-events/record-events.command.js';
import { GetDauStatsQuery } from '../../application/queries/get-dau-stats/get-dau-stats.query.js';
import { GetRealtimeDauQuery } from '../../application/queries/get-realtime-dau/get-realtime-dau.query.js';
import { Admin } from '../../shared/decorators/admin.decorator.js';
import { CurrentUser, type AuthenticatedUser } from '../../shared/decorators/current-user.decorator.js';
import { Public } from '../../shared/decorators/public.decorator.js';
import { OptionalAuthGuard } from '../../shared/guards/optional-auth.guard.js';
import { BatchEventsDto } from '../dto/request/batch-events.dto.js';
import { QueryDauDto } from '../dto/request/query-dau.dto.js';
import { DauStatsResponseDto, RealtimeDauResponseDto, writeDauStats } from '../dto/response/dau-stats.dto.js';
import { ApiProblems } from '../dto/response/problem.dto.js';
import { RecordEventsResponseDto } from '../dto/response/record-events.dto.js';
import { EventBatchPipe, type EventBatch } from '../validators/event.validator.js';

@ApiTags('Analytics')
@Controller('analytics')
export class AnalyticsController {
  constructor(
    private readonly commandBus: CommandBus,
    private readonly queryBus: QueryBus,
  ) {}

  @Post('events')
  @HttpCode(200)
  @Public()
  @UseGuards(OptionalAuthGuard)
  // A token, or none.
  @ApiBearerAuth()
  @ApiSecurity({})
  @ApiOperation({
    summary: 'Report a batch of events',
    description:
      'Answers once the accepted events are durable. A bad event never fails its neighbours. Without a token the ' +
      'sender is anonymous; with one, a missing `userId` is the token’s. At most 1 MiB, after decompression.',
  })
  @ApiBody({ type: BatchEventsDto })
  @ApiOkResponse({ type: RecordEventsResponseDto })
  @ApiProblems('/analytics/events', [400, 401, 413, 415, 429, 503], {
    400: { code: 'batch_invalid', detail: 'events must hold 1 to 1000 events, it holds 1001' },
  })
  async batchEvents(
    @Body(EventBatchPipe) batch: EventBatch,
    @CurrentUser() user: AuthenticatedUser | undefined,
  ): Promise<RecordEventsResult> {
    return this.commandBus.execute(new RecordEventsCommand(batch.events, batch.sentAt, user?.userId));
  }

  @Get('dau')
  @Admin()
  @ApiBearerAuth()
  @ApiOperation({ summary: 'Daily active users by day, province and city' })
  @ApiOkResponse({ type: DauStatsResponseDto })
  @ApiProblems('/analytics/dau', [400, 401, 403, 429, 503])
  @Header('content-type', 'application/json; charset=utf-8')
  async getDauStats(@Query() query: QueryDauDto): Promise<string> {
    return writeDauStats(await this.queryBus.execute(new GetDauStatsQuery(query.startDate, query.endDate)));
  }

  @Get('dau/realtime')
  @Admin()
  @ApiBearerAuth()
  @ApiOperation({ summary: 'Today’s active users, live and approximate' })
  @ApiOkResponse({ type: RealtimeDauResponseDto })
  @ApiProblems('/analytics/dau/realtime', [401, 403, 429, 503], {
    503: {
      code: 'redis_unavailable',
      detail: 'The service cannot reach its redis at the moment. Send the same request again later.',
    },
  })
  async getRealtimeDau(): Promise<RealtimeDauResponseDto> {
    const { queriedAt, ...result } = await this.queryBus.execute(new GetRealtimeDauQuery());
    return { ...result, queriedAt: queriedAt.toISOString() };
  }
}
