import { Controller, Get, Header, Query, UseGuards } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiOkResponse, ApiOperation, ApiSecurity, ApiTags } from '@nestjs/swagger';
import { GetDauStatsQuery } from '../../application/queries/get-dau-stats/get-dau-stats.query.js';
import { Public } from '../../shared/decorators/public.decorator.js';
import { InternalGuard } from '../../shared/guards/internal.guard.js';
import { QueryDauDto } from '../dto/request/query-dau.dto.js';
import { DauStatsResponseDto, writeDauStats } from '../dto/response/dau-stats.dto.js';
import { ApiProblems } from '../dto/response/problem.dto.js';

/** For services of the platform; no user is behind these requests, so no JWT either. */
@ApiTags('Internal')
@ApiSecurity('internal-key')
@Controller('internal/analytics')
@Public()
@UseGuards(InternalGuard)
export class InternalController {
  constructor(private readonly queryBus: QueryBus) {}

  @Get('dau')
  @ApiOperation({ summary: 'Daily active users, for the reporting service' })
  @ApiOkResponse({ type: DauStatsResponseDto })
  @ApiProblems('/internal/analytics/dau', [400, 401, 429, 503], {
    401: {
      code: 'internal_key_invalid',
      detail: 'Send the key of the internal API as "X-Internal-Api-Key".',
    },
  })
  @Header('content-type', 'application/json; charset=utf-8')
  async getDauForReporting(@Query() query: QueryDauDto): Promise<string> {
    return writeDauStats(await this.queryBus.execute(new GetDauStatsQuery(query.startDate, query.endDate)));
  }
}
