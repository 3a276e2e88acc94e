import { Controller, Get, Headers, Req, Res, UseGuards } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiBearerAuth, ApiHeader, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { WatchFiguresQuery } from '../../application/queries/watch-figures/watch-figures.query.js';
import { Admin } from '../../shared/decorators/admin.decorator.js';
import { CurrentUser, type AuthenticatedUser } from '../../shared/decorators/current-user.decorator.js';
import { ApiProblems } from '../dto/response/problem.dto.js';
import { LIVE_EXAMPLE } from '../http/live/live-example.js';
import { parseTick } from '../http/live/event-frames.js';
import { LIVE_ROUTE, LiveStreams } from '../http/live/live-streams.js';
import { KnownParametersGuard } from '../validators/known-parameters.guard.js';
import { TOKEN_PROBLEMS } from './route-problems.js';

@ApiTags('Live')
@ApiBearerAuth()
@Controller()
@UseGuards(KnownParametersGuard)
export class LiveController {
  constructor(
    private readonly queryBus: QueryBus,
    private readonly streams: LiveStreams,
  ) {}

  @Get(LIVE_ROUTE)
  @Admin()
  @ApiOperation({
    operationId: 'watchFigures',
    summary: 'Figures pushed as they change · 实时推送指标',
    description:
      'Server-sent events: `online` every 5 s, `dau` when it changes, `status` when a dependency or a figure becomes ' +
      'unavailable or comes back, `end` with a reason before the stream ends. Comments keep the connection alive.\n\n' +
      '服务器推送事件：`online` 每 5 秒一次，`dau` 有变化时，`status` 在依赖或指标状态变化时，`end` 在连接结束前说明原因。',
  })
  @ApiHeader({
    name: 'Last-Event-ID',
    required: false,
    description:
      'Id of the last event received, such as 1736937000; missed readings of up to 5 min are repeated · 上次收到的事件 ID',
    schema: { type: 'string' },
  })
  @ApiOkResponse({
    description: 'A stream of server-sent events · 服务器推送事件流',
    content: { 'text/event-stream': { schema: { type: 'string', example: LIVE_EXAMPLE } } },
  })
  @ApiProblems(LIVE_ROUTE, [
    'request_invalid',
    ...TOKEN_PROBLEMS,
    'role_missing',
    'live_streams_exceeded',
    'rate_limited',
    'answer_too_slow',
    'overloaded',
    'shutting_down',
  ])
  async watch(
    @Headers('last-event-id') lastEventId: string | undefined,
    @CurrentUser() user: AuthenticatedUser,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const feed = await this.queryBus.execute(new WatchFiguresQuery());
    const afterTick = parseTick(lastEventId);
    this.streams.open(request, reply, user, (listener) => feed.subscribe(afterTick, listener));
  }
}
