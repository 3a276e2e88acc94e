import { Controller, Get, Query, UseGuards } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiOperation, ApiSecurity, ApiTags } from '@nestjs/swagger';
import {
  GetDauStatsQuery,
  type DauStatsResult,
} from '../../application/queries/get-dau-stats/get-dau-stats.query.js';
import { Public } from '../../shared/decorators/public.decorator.js';
import { InternalGuard } from '../../shared/guards/internal.guard.js';
import { QueryInternalDauDto, toDauOptions } from '../dto/request/query-dau.dto.js';
import { DAU_FIGURES } from '../dto/response/dau-stats.dto.js';
import { ApiProblems } from '../dto/response/problem.dto.js';
import { Figures } from '../http/figures/figures.decorator.js';
import { KnownParametersGuard } from '../validators/known-parameters.guard.js';
import { INTERNAL_READ_PROBLEMS } from './route-problems.js';

/** Serves other services of the platform: their requests have a key instead of a user's token. */
@ApiTags('Internal')
@ApiSecurity('internal-key')
@Controller('internal/analytics')
@Public()
@UseGuards(InternalGuard, KnownParametersGuard)
export class InternalController {
  constructor(private readonly queryBus: QueryBus) {}

  @Get('dau')
  @ApiOperation({ summary: 'Daily active users, for the reporting service · 供报表服务查询日活' })
  @Figures(DAU_FIGURES)
  @ApiProblems('/internal/analytics/dau', [
    'request_invalid',
    'date_range_invalid',
    ...INTERNAL_READ_PROBLEMS,
  ])
  async getDauForReporting(@Query() query: QueryInternalDauDto): Promise<DauStatsResult> {
    return this.queryBus.execute(new GetDauStatsQuery(query.startDate, query.endDate, toDauOptions(query)));
  }
}
