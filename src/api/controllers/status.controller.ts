import { Controller, Get, UseGuards } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { GetServiceStatusQuery } from '../../application/queries/get-service-status/get-service-status.query.js';
import { Admin } from '../../shared/decorators/admin.decorator.js';
import { ApiProblems } from '../dto/response/problem.dto.js';
import { ServiceStatusDto, toServiceStatus } from '../dto/response/service-status.dto.js';
import { KnownParametersGuard } from '../validators/known-parameters.guard.js';
import { TOKEN_PROBLEMS } from './route-problems.js';

@ApiTags('Operation')
@ApiBearerAuth()
@Controller()
@UseGuards(KnownParametersGuard)
export class StatusController {
  constructor(private readonly queryBus: QueryBus) {}

  @Get('status')
  @Admin()
  @ApiOperation({
    operationId: 'getServiceStatus',
    summary: 'How the parts of the service are: dependencies, outbox, consumer lag · 服务各部分状态',
    description:
      'For people who watch the service; load balancers ask `/health/ready`. A part that does not answer is `unknown`, ' +
      'and the answer is 200 all the same.\n\n供人查看；负载均衡请用 `/health/ready`。某部分无响应时为 `unknown`，仍返回 200。',
  })
  @ApiOkResponse({ description: 'State of each part · 各部分状态', type: ServiceStatusDto })
  @ApiProblems('/status', [
    'request_invalid',
    ...TOKEN_PROBLEMS,
    'role_missing',
    'rate_limited',
    'answer_too_slow',
  ])
  async status(): Promise<ServiceStatusDto> {
    return toServiceStatus(await this.queryBus.execute(new GetServiceStatusQuery()));
  }
}
