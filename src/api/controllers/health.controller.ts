import { Controller, Get, Header, Res } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiOkResponse, ApiOperation, ApiServiceUnavailableResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import {
  GetReadinessQuery,
  type Readiness,
} from '../../application/queries/get-readiness/get-readiness.query.js';
import { Public } from '../../shared/decorators/public.decorator.js';
import '../../shared/metrics/build-info.js';
import { readMetrics } from '../../shared/metrics/exposition.js';
import { metricsRegistry } from '../../shared/metrics/metrics.js';
import { ReadinessDto } from '../dto/response/readiness.dto.js';

const NOT_READY: ReadonlySet<Readiness['status']> = new Set(['unavailable', 'shutting_down']);

/** Ignores query parameters: load balancers and scrapers add some of their own. */
@ApiTags('Operation')
@Controller()
@Public()
export class HealthController {
  constructor(private readonly queryBus: QueryBus) {}

  @Get('health/live')
  @ApiOperation({ operationId: 'getLiveness', summary: 'Liveness of the process alone · 进程存活' })
  @ApiOkResponse({
    description: 'The process answers · 进程有响应',
    schema: {
      type: 'object',
      properties: { status: { type: 'string', enum: ['ok'], example: 'ok' } },
      required: ['status'],
    },
  })
  live(): { status: 'ok' } {
    return { status: 'ok' };
  }

  @Get('health/ready')
  @ApiOperation({
    operationId: 'getReadiness',
    summary: 'Readiness, with the state of each dependency · 就绪状态与各依赖',
  })
  @ApiOkResponse({ description: 'Status ok or degraded · 状态为 ok 或 degraded', type: ReadinessDto })
  @ApiServiceUnavailableResponse({
    type: ReadinessDto,
    description: 'Status unavailable or shutting_down · 状态为 unavailable 或 shutting_down',
  })
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<Readiness> {
    const readiness = await this.queryBus.execute(new GetReadinessQuery());
    if (NOT_READY.has(readiness.status)) void reply.status(503).header('retry-after', 2);
    return readiness;
  }

  @Get('metrics')
  @Header('content-type', metricsRegistry.contentType)
  @ApiOperation({
    operationId: 'getMetrics',
    summary: 'Prometheus metrics; restrict this route to your network · 监控指标',
  })
  @ApiOkResponse({
    description: 'Text format of Prometheus · Prometheus 文本格式',
    content: {
      'text/plain': { schema: { type: 'string', example: 'analytics_events_total{result="accepted"} 42\n' } },
    },
  })
  metrics(): Promise<Buffer> {
    return readMetrics();
  }
}
